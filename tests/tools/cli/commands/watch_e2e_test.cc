// Watching a run, with a daemon and without.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kNoRun = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";

// Ends a run of the ledger with an outcome, and returns the status with which `watch` then ends.
int status_after(const CliLedger& ledger, const std::string& outcome) {
  const std::string run = ledger.request("{\"outcome\":\"" + outcome + "\"}");
  ledger.finish(run, ledger.start(run), {"--outcome", outcome, "--no-retry"});
  return ledger.run({"watch", run}).status;
}

// Starts a daemon on the ledger.
std::unique_ptr<Program> serve(const CliLedger& ledger) {
  auto daemon = std::make_unique<Program>(ledger.command({"serve", "--format", "json"}));
  EXPECT_TRUE(daemon->wait_for_output("\"listening\""));
  return daemon;
}

TEST(WatchCommand, TellsWhatHappenedToARunThatHasEnded) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded", "--count", "items=5"});
  const ProgramResult watched = ledger.run({"watch", run.substr(0, 8)});
  EXPECT_EQ(watched.status, 0) << watched.err;
  ASSERT_EQ(lines_of(watched.out).size(), 3U);
  EXPECT_THAT(lines_of(watched.out)[2], testing::EndsWith("attempt 1 succeeded [items=5]"));
  EXPECT_EQ(ledger.run({"watch", run, "-f", "json"}).out, ledger.run({"replay", "--run", run, "-f", "json"}).out);
}

TEST(WatchCommand, EndsWithAStatusForEachOutcome) {
  const CliLedger ledger;
  EXPECT_EQ(status_after(ledger, "succeeded"), 0);
  EXPECT_EQ(status_after(ledger, "partially_succeeded"), 3);
  EXPECT_EQ(status_after(ledger, "blocked"), 1);
  EXPECT_EQ(status_after(ledger, "failed"), 1);
  EXPECT_EQ(status_after(ledger, "cancelled"), 1);
  EXPECT_EQ(failure(ledger.run({"watch", kNoRun})), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"watch", "dead"})), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"watch", "x"})), "2 run.invalid");
}

TEST(WatchCommand, LeavesTheLedgerToOthersBetweenItsLooks) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  Program watch(ledger.command({"watch", run}));
  ASSERT_TRUE(watch.wait_for_output("requested demo.sync"));
  const json started = ledger.start(run);
  ASSERT_TRUE(watch.wait_for_output("attempt 1 started by w1"));
  ledger.finish(run, started, {"--outcome", "failed", "--failure", "disk.full"});
  ASSERT_TRUE(watch.wait_for_output("will be retried"));
  const json second = ledger.start(run);
  ASSERT_TRUE(watch.wait_for_output("attempt 2 started by w1"));
  ledger.finish(run, second, {"--outcome", "succeeded"});
  const ProgramResult watched = watch.wait();
  EXPECT_EQ(watched.status, 0) << watched.err;
  EXPECT_EQ(lines_of(watched.out).size(), 5U) << watched.out;
}

TEST(WatchCommand, FollowsARunThroughTheDaemon) {
  const CliLedger ledger;
  const auto daemon = serve(ledger);
  const std::string run = ledger.request();
  Program watch(ledger.command({"watch", run.substr(0, 6)}));
  ASSERT_TRUE(watch.wait_for_output("requested demo.sync"));
  const json started = ledger.start(run);
  ASSERT_TRUE(watch.wait_for_output("attempt 1 started by w1"));
  ledger.json({"heartbeat", run, "--attempt", "1", "--token", started.at("token").dump(), "--progress", "items=7"});
  ASSERT_TRUE(watch.wait_for_output("progress [items=7]"));
  ledger.request(R"({"n":"another run"})");
  ledger.finish(run, started, {"--outcome", "partially_succeeded"});
  const ProgramResult watched = watch.wait();
  EXPECT_EQ(watched.status, 3) << watched.err;
  EXPECT_EQ(lines_of(watched.out).size(), 4U) << watched.out;
}

TEST(WatchCommand, FollowsARunForATokenWithoutTheRightToAudit) {
  const CliLedger ledger;
  const auto daemon = serve(ledger);
  const std::string run = ledger.request();
  const std::string token = ledger.json({"token", "issue", "--workspace", "acme", "--right", "request"}).at("token");
  const std::string other = ledger.json({"token", "issue", "--workspace", "other", "--right", "request"}).at("token");
  const auto command = [&](const std::string& file, const std::string& secret) {
    return Arguments{program_path(),
                     "--connect",
                     "unix:" + (ledger.data() / "socket").string(),
                     "--token-file",
                     ledger.file(file, secret),
                     "watch",
                     run};
  };
  EXPECT_EQ(failure(run_program(command("other", other))), "4 run.not_found");
  Program watch(command("token", token));
  ASSERT_TRUE(watch.wait_for_output("requested demo.sync"));
  ledger.json({"cancel", run, "--message", "not wanted"});
  const ProgramResult watched = watch.wait();
  EXPECT_EQ(watched.status, 1) << watched.err;
  EXPECT_THAT(watched.out, HasSubstr("ended as cancelled"));
}

// A run may have 100,000 events, and each look would read all of them.
TEST(WatchCommand, ReadsTheEventsAgainOnlyWhenThereAreNewOnes) {
  const CliLedger ledger;
  Program daemon(ledger.command({"serve", "--format", "json", "--http", "127.0.0.1:0", "--open-metrics"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  const json addresses = json::parse(daemon.output());
  const std::string run = ledger.request();
  const std::string token = ledger.json({"token", "issue", "--workspace", "acme", "--right", "request"}).at("token");
  Program watch({program_path(), "--connect", addresses.at("listening"), "--token-file", ledger.file("token", token),
                 "watch", run});
  ASSERT_TRUE(watch.wait_for_output("requested demo.sync"));
  const std::string attempt_token = ledger.start(run).at("token").dump();
  ASSERT_TRUE(watch.wait_for_output("attempt 1 started"));
  for (const std::string items : {"items=1", "items=2", "items=3"}) {  // Each is seen by another look.
    ledger.json({"heartbeat", run, "--attempt", "1", "--token", attempt_token, "--progress", items});
    ASSERT_TRUE(watch.wait_for_output("progress [" + items + "]"));
  }
  HttpClient client(port_of(addresses.at("http")));
  client.send(http_text({.target = "/metrics", .token = {}}));
  EXPECT_THAT(client.read().body, HasSubstr("runledger_rpc_calls_total{method=\"runEvents\",result=\"answered\"} 2\n"));
}

TEST(WatchCommand, EndsWithSevenWhenItIsInterrupted) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  for (const bool is_served : {false, true}) {
    const auto daemon = is_served ? serve(ledger) : nullptr;
    for (const int signal : {SIGINT, SIGTERM}) {
      Program watch(ledger.command({"watch", run}));
      ASSERT_TRUE(watch.wait_for_output("requested demo.sync"));
      watch.signal(signal);
      EXPECT_EQ(watch.wait().status, 7) << is_served;
    }
  }
}

TEST(WatchCommand, EndsWhenNobodyReadsItAnyMore) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  Program watch(ledger.command({"watch", run}));
  ASSERT_TRUE(watch.wait_for_output("requested demo.sync"));
  watch.stop_reading();
  EXPECT_EQ(watch.wait().status, 1);
}

}  // namespace
}  // namespace runledger
