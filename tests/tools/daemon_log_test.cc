// The daemon's log: its two forms, what it leaves out, and that no caller can write into it.
#include "tools/daemon/daemon_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/fixtures/cli_ledger.h"
#include "tests/fixtures/secrets.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

// What `write` puts on standard error.
template <class Write>
std::string logged(const DaemonLog::Options& options, const Write& write) {
  testing::internal::CaptureStderr();
  {
    DaemonLog log(options);
    write(log);
  }
  return testing::internal::GetCapturedStderr();
}

constexpr DaemonLog::Options kJson{.form = LogForm::kJson};

TEST(DaemonLog, WritesOneObjectALine) {
  const auto lines = lines_of(logged(kJson, [](DaemonLog& log) {
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

TEST(DaemonLog, WritesTextForPeople) {
  const std::string text = logged({.form = LogForm::kText}, [](DaemonLog& log) {
    log.write(LogLevel::kWarning, "failed", {{"what", "he said \"no\""}, {"count", std::uint64_t{2}}});
  });
  EXPECT_THAT(text, MatchesRegex("....-..-..T..:..:......Z warning failed what=\"he said \\\\\"no\\\\\"\" count=2\n"));
}

TEST(DaemonLog, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_EQ(logged({.form = LogForm::kText, .least = LogLevel::kError},
                   [](DaemonLog& log) {
                     log.write(LogLevel::kInfo, "a");
                     log.write_sparingly(LogLevel::kWarning, "b");
                   }),
            "");
}

TEST(DaemonLog, LetsNobodyBeginALineOrAMember) {
  const std::string hostile = "a\",\"level\":\"error\"}\n{\"event\":\"forged\\\" {} %v \x1b[31m";
  for (const LogForm form : {LogForm::kText, LogForm::kJson}) {
    const auto text = logged({.form = form}, [&](DaemonLog& log) {
      log.write(LogLevel::kInfo, "failed", {{"what", hostile}});
    });
    EXPECT_EQ(lines_of(text).size(), 1U) << text;
    EXPECT_THAT(text, testing::Not(HasSubstr("\x1b")));
    if (form == LogForm::kJson) {
      EXPECT_EQ(json::parse(text).at("level"), "info");
    }
  }
}

TEST(DaemonLog, HoldsNoSecret) {
  const auto secrets = fixtures::fake_secrets();
  const std::string text = logged(kJson, [&](DaemonLog& log) {
    for (const auto& secret : secrets) log.write(LogLevel::kInfo, "failed", {{"what", "it said " + secret.text}});
  });
  EXPECT_EQ(lines_of(text).size(), secrets.size());
  for (const auto& secret : secrets) EXPECT_EQ(text.find(secret.secret), std::string::npos) << secret.kind;
}

TEST(DaemonLog, TellsOfAFloodOnlyAFewTimes) {
  const auto lines = lines_of(logged(kJson, [](DaemonLog& log) {
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&log] {
        for (int n = 0; n < 250; ++n) log.write_sparingly(LogLevel::kWarning, "authentication-failed");
      });
    }
    for (std::thread& caller : callers) caller.join();
    log.write_sparingly(LogLevel::kWarning, "connection-refused");
  }));
  EXPECT_EQ(lines.size(), DaemonLog::kRepeatsMax + 1);
  EXPECT_THAT(lines.back(), HasSubstr("connection-refused"));
}

}  // namespace
}  // namespace runledger
