// `serve --reconcile-every`: the daemon requests reconciliations by itself, and a worker carries them out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

TEST(ReconcileEvery, IsAskedForAgainAndAgainWhileThereIsWork) {
  const CliLedger ledger;
  (void)ledger.request();
  Program daemon(ledger.command({"serve", "--reconcile-every", "1s"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  for (int time = 0; time < 2; ++time) {
    Program worker(ledger.command({"work", "--type", "ops.reconcile_adapter_runs"}));
    EXPECT_TRUE(worker.wait_for_error("run-ended")) << time;
    worker.signal(SIGTERM);
    EXPECT_THAT(worker.wait().err, testing::HasSubstr("total=1")) << time;
  }
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  const auto runs = ledger.json_lines({"list", "--type", "ops.reconcile_adapter_runs"});
  ASSERT_LE(2U, runs.size());
  for (const nlohmann::json& run : runs) {
    EXPECT_EQ(run.at("workspace_id"), "acme");
    EXPECT_EQ(run.at("initiator"), "reconcile-every");
  }
}

}  // namespace
}  // namespace runledger
