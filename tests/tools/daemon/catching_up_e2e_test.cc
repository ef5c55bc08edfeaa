// A daemon whose rows are gone, as after an upgrade, serves while it makes them again.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr int kRuns = 110'000;  // More than a daemon folds before it serves.

TEST(CatchingUpDaemon, AnswersCommandsAtOnceAndListsWhenTheyAreWhole) {
  const CliLedger ledger;
  std::string journal;
  for (int n = 0; n < kRuns; ++n)
    journal += fmt::format(R"({{"kind":"requested","run":"r{}","workspace":"w","type":"demo.sync","input":{{"n":{}}},)"
                           R"("at":"2009-01-01T00:00:00Z"}})"
                           "\n",
                           n, n);
  ASSERT_EQ(ledger.json({"import", ledger.file("journal.jsonl", journal)}).at("applied"), kRuns);
  const std::string token =
      ledger.json({"token", "issue", "--every-workspace", "--right", "request", "--right", "operate"}).at("token");
  const std::string bound = ledger.json({"token", "issue", "--workspace", "w", "--right", "work"}).at("token");
  std::filesystem::remove_all(ledger.data() / "rows");
  Program daemon(ledger.command({"serve", "--http", "127.0.0.1:0", "--format", "json", "--log-format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  const std::uint16_t port = port_of(json::parse(daemon.output()).at("http").get<std::string>());
  const auto ask = [&](const HttpAsk& what) {
    HttpClient client(port);
    client.send(http_text(what));
    return client.read();
  };
  const HttpReply list = ask({.target = "/v1/runs?limit=1", .token = token});
  ASSERT_EQ(list.problem(), "503 rows.catching_up");
  EXPECT_EQ(list.headers.at("retry-after"), "1");
  EXPECT_THAT(list.json().at("detail").get<std::string>(), HasSubstr(fmt::format("of {} events", kRuns)));
  // None of this waits for the rows.
  EXPECT_EQ(
      ask({.method = "POST", .target = "/v1/runs", .token = token, .body = R"({"workspace":"w","type":"demo.other"})"})
          .status,
      201);
  EXPECT_EQ(ask({.target = "/healthz", .token = ""}).status, 200);
  // Of these, the first may be over before the last is asked; then the answer is whole.
  for (const char* target : {"/readyz", "/v1/stats", "/v1/failures"}) {
    const HttpReply reply = ask({.target = target, .token = token});
    EXPECT_TRUE(reply.status == 200 || reply.problem() == "503 rows.catching_up" ||
                reply.problem() == "503 daemon.not_ready")
        << reply.body;
  }
  ASSERT_TRUE(daemon.wait_for_error("\"rows-caught-up\""));
  HttpReply totals;
  do {
    totals = ask({.target = "/v1/stats", .token = token});
  } while (totals.status == 503);
  EXPECT_EQ(totals.json().at("runs"), kRuns + 1);
  EXPECT_EQ(ask({.target = "/readyz", .token = ""}).status, 200);
  EXPECT_EQ(ask({.method = "POST",
                 .target = "/v1/claims",
                 .token = bound,
                 .body = R"({"types":["demo.other"],"worker":"w"})"})
                .status,
            201);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  EXPECT_EQ(ledger.run({"verify"}).status, 0);
}

}  // namespace
}  // namespace runledger
