// `runledger work` with a job that needs Postgres.
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"
#include "tests/tools/cli/commands/work_world.h"

namespace runledger {
namespace {

class WorkOnPostgres : public WorkWorld {
 protected:
  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(WorkOnPostgres, ReconcilesByWhatTheAdaptersHaveWritten) {
  ledger.json({"project", "--postgres", dsn, "--once"});
  serve();
  const std::string run = ledger.request();
  psql(dsn, "insert into adapter_runs (run_id, workspace_id, adapter, status, finished_at) values ('" + run +
                "', 'acme', 'queue-eu', 'cancelled', now() - interval '1 minute')");
  ledger.json({"request", "--workspace", "acme", "--type", "ops.reconcile_adapter_runs"});
  const ProgramResult done = work({"--type", "ops.reconcile_adapter_runs", "--postgres", dsn, "--once"});
  EXPECT_EQ(done.status, 0) << done.err;
  const auto story = this->story(run);
  EXPECT_EQ(story.at("run").at("reason_code"), "adapter.out_of_sync");
  EXPECT_EQ(story.at("run").at("outcome"), "cancelled");
}

TEST_F(WorkOnPostgres, TriesAgainWhatItCouldNotReconcile) {
  serve();
  (void)ledger.request();  // The reconciliation has to look up this run in the adapters' records.
  const std::string run =
      ledger.json({"request", "--workspace", "acme", "--type", "ops.reconcile_adapter_runs"}).value("run_id", "");
  const ProgramResult done =
      work({"--type", "ops.reconcile_adapter_runs", "--postgres", "host=/nowhere dbname=none", "--once"});
  EXPECT_EQ(done.status, 0) << done.err;
  const auto story = this->story(run);
  EXPECT_EQ(attempts(story), "1 failed");
  EXPECT_EQ(story.at("attempts").at(0).at("failures").at(0).at("reason_code"), "adapter.unavailable");
  EXPECT_EQ(story.at("run").at("status"), "queued");
}

}  // namespace
}  // namespace runledger
