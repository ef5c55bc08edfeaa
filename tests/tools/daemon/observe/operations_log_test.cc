// The log of the daemon: its two forms, the parts that it leaves out, and that callers cannot forge lines.
#include "tools/daemon/observe/operations_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/fixtures/data/secrets.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

// Returns the text that `write` puts on standard error.
template <class Write>
std::string logged(const OperationsLog::Options& options, const Write& write) {
  testing::internal::CaptureStderr();
  {
    OperationsLog log(options);
    write(log);
  }
  return testing::internal::GetCapturedStderr();
}

constexpr OperationsLog::Options kJson{.form = LogForm::kJson};

TEST(OperationsLog, WritesOneObjectALine) {
  const auto lines = lines_of(logged(kJson, [](OperationsLog& log) {
    log.write(LogLevel::kInfo, "listening", {{"way", "http"}, {"port", std::uint64_t{80}}});
    log.write(LogLevel::kError, "stopped");
  }));
  ASSERT_EQ(lines.size(), 2U);
  json first = json::parse(lines[0]);
  EXPECT_THAT(first.at("time").get<std::string>(), MatchesRegex("....-..-..T..:..:......Z"));
  first.erase("time");
  EXPECT_EQ(first, (json{{"level", "info"}, {"event", "listening"}, {"way", "http"}, {"port", 80}}));
  EXPECT_EQ(json::parse(lines[1]).at("level"), "error");
}

TEST(OperationsLog, WritesTextForPeople) {
  const std::string text = logged({.form = LogForm::kText}, [](OperationsLog& log) {
    log.write(LogLevel::kWarning, "failed", {{"what", "he said \"no\""}, {"count", std::uint64_t{2}}});
  });
  EXPECT_THAT(text, MatchesRegex("....-..-..T..:..:......Z warning failed what=\"he said \\\\\"no\\\\\"\" count=2\n"));
}

TEST(OperationsLog, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_EQ(logged({.form = LogForm::kText, .least = LogLevel::kError},
                   [](OperationsLog& log) {
                     log.write(LogLevel::kInfo, "a");
                     log.write_sparingly(LogLevel::kWarning, "b");
                   }),
            "");
}

TEST(OperationsLog, LetsNobodyBeginALineOrAMember) {
  const std::string hostile = "a\",\"level\":\"error\"}\n{\"event\":\"forged\\\" {} %v \x1b[31m";
  for (const LogForm form : {LogForm::kText, LogForm::kJson}) {
    const auto text = logged({.form = form}, [&](OperationsLog& log) {
      log.write(LogLevel::kInfo, "failed", {{"what", hostile}});
    });
    EXPECT_EQ(lines_of(text).size(), 1U) << text;
    EXPECT_THAT(text, testing::Not(HasSubstr("\x1b")));
    if (form == LogForm::kJson) {
      EXPECT_EQ(json::parse(text).at("level"), "info");
    }
  }
}

TEST(OperationsLog, HoldsNoSecret) {
  const auto secrets = fixtures::fake_secrets();
  const std::string text = logged(kJson, [&](OperationsLog& log) {
    for (const auto& secret : secrets) log.write(LogLevel::kInfo, "failed", {{"what", "it said " + secret.text}});
  });
  EXPECT_EQ(lines_of(text).size(), secrets.size());
  for (const auto& secret : secrets) EXPECT_EQ(text.find(secret.secret), std::string::npos) << secret.kind;
}

TEST(OperationsLog, TellsOfAFloodOnlyAFewTimes) {
  const auto lines = lines_of(logged(kJson, [](OperationsLog& log) {
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&log] {
        for (int n = 0; n < 250; ++n) log.write_sparingly(LogLevel::kWarning, "authentication-failed");
      });
    }
    for (std::thread& caller : callers) caller.join();
    log.write_sparingly(LogLevel::kWarning, "connection-refused");
  }));
  EXPECT_EQ(lines.size(), OperationsLog::kRepeatsMax + 1);
  EXPECT_THAT(lines.back(), HasSubstr("connection-refused"));
}

}  // namespace
}  // namespace runledger
