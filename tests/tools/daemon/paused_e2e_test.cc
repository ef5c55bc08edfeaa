// A daemon that is stopped for longer than a lease, as a machine that is suspended would stop it.
#include <gtest/gtest.h>

#include "clients/cpp/connect.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;

constexpr char kShortLease[] =
    R"({"types":[{"type":"demo.short","max_attempts":3,"backoff_seconds":60,"lease_seconds":3}]})";

TEST(PausedDaemon, KeepsTheAttemptsWhoseHeartbeatsItCouldNotReceive) {
  const CliLedger ledger;
  const std::string catalog = ledger.file("catalog.json", kShortLease);
  Program daemon(ledger.command({"--catalog", catalog, "serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  const std::unique_ptr<LedgerReader> reader = remote_reader(
      connect_link({.socket = ledger.data() / "socket", .token = "", .timeout = std::chrono::milliseconds(4500)}));
  const std::string run = ledger.request("{}", "demo.short");
  const json started = ledger.start(run);
  ASSERT_EQ(*reader->head(), Sequence{2});
  daemon.signal(SIGSTOP);
  // A thread of the daemon that is running when the signal comes may answer once more.
  std::string code;
  for (int tries = 0; tries < 100 && code.empty(); ++tries) code = failure_of([&] { return reader->head(); }).code;
  EXPECT_EQ(code, "daemon.unreachable") << "after more than a lease";
  daemon.signal(SIGCONT);
  ASSERT_TRUE(daemon.wait_for_error("process-paused"));
  const json alive = ledger.json({"heartbeat", run, "--attempt", "1", "--token", started.at("token").dump()});
  EXPECT_EQ(alive.at("decision"), "alive");
  // The lease still ends an attempt whose worker is gone.
  const json lost = ledger.json({"tail", "--from", "3", "-n", "1"});
  EXPECT_EQ(lost.at("kind"), "attempt-finished");
  EXPECT_EQ(lost.at("data").at("outcome"), "lost");
}

}  // namespace
}  // namespace runledger
