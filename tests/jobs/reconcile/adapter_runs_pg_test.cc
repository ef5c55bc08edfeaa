// Reconciliation with the adapters' records in a real Postgres that stops in the middle and comes back.
#include <gtest/gtest.h>

#include <chrono>

#include "projections/postgres/adapter_table.h"
#include "projections/postgres/mirror.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"
#include "tests/jobs/reconcile/reconcile_world.h"

namespace runledger {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Passes the reads on, and stops Postgres before the second one.
class LostRecords final : public AdapterRecords {
 public:
  LostRecords(AdapterRecords& records, PrivatePostgres& postgres) : records_(records), postgres_(postgres) {}

  std::vector<AdapterRecord> read(const Workspace& workspace, const std::vector<RunId>& runs) override {
    if (++reads_ == 2) postgres_.stop_at_once();
    return records_.read(workspace, runs);
  }

 private:
  AdapterRecords& records_;
  PrivatePostgres& postgres_;
  int reads_ = 0;
};

class ReconcileWithPostgres : public testing::Test {
 protected:
  ReconcileWithPostgres() { Mirror(world.ledger.ledger().log(), {.dsn = dsn}).open(seconds(30)); }

  JobReport reconcile(AdapterRecords& adapters) {
    const auto job = reconcile_adapter_runs_job(
        {.reader = *world.reader, .client = *world.client, .adapters = adapters, .clock = world.ledger.clock()});
    return job->run({.run = examples::run_id(1),
                     .scope = examples::workspace_scope(),
                     .type = job->type(),
                     .input = {},
                     .attempt = AttemptNumber{1}},
                    {});
  }

  // Records that the work for an attempt of `run` ended half an hour before the ledger's current time.
  void put_ended(RunId run, const std::string& status) {
    psql(dsn, "insert into adapter_runs (run_id, workspace_id, adapter, status, finished_at) values ('" +
                  format_uuid(run.value) + "', 'acme', 'graph', '" + status + "', '" +
                  format_time(world.now() - std::chrono::minutes(30)) + "')");
  }

  PrivatePostgres postgres;  // A test stops it.
  std::string dsn = postgres.make_database();
  ReconcileWorld world;
};

TEST_F(ReconcileWithPostgres, ClosesWhatTheTableSaysHasEnded) {
  const RunId ended = world.request();
  const RunId cancelled = world.request();
  const RunId unknown = world.request();
  (void)world.start(ended);
  put_ended(ended, "succeeded");
  put_ended(cancelled, "cancelled");
  put_ended(examples::run_id(77), "failed");  // No run has this id.
  const auto records = postgres_adapter_records({.dsn = dsn});
  EXPECT_EQ(counts_text(reconcile(*records).summary_counts), "total=3 reconciled=2 skipped=1 failed=0");
  EXPECT_EQ(world.standing(ended), "failed adapter.out_of_sync");
  EXPECT_EQ(world.standing(cancelled), "cancelled adapter.out_of_sync");
  EXPECT_EQ(world.standing(unknown), "queued");
}

TEST_F(ReconcileWithPostgres, ThatIsLostInTheMiddleTellsWhatWasDoneAndGoesOnTheNextTime) {
  const std::size_t all = AdapterRecords::kRunsPerReadMax + 200;
  for (std::size_t i = 0; i < all; ++i) (void)world.request();
  world.advance(hours(1));
  const auto records = postgres_adapter_records({.dsn = dsn});
  LostRecords lost(*records, postgres);
  const auto job = reconcile_adapter_runs_job(
      {.reader = *world.reader, .client = *world.client, .adapters = lost, .clock = world.ledger.clock()});
  try {
    (void)job->run({.run = examples::run_id(1),
                    .scope = examples::workspace_scope(),
                    .type = job->type(),
                    .input = examples::input(R"({"limit":5000})"),
                    .attempt = AttemptNumber{1}},
                   {});
    ADD_FAILURE() << "expected the reconciliation to fail";
  } catch (const JobFailure& failure) {
    EXPECT_EQ(failure.reason_code().str(), "adapter.unavailable");
    EXPECT_TRUE(failure.retryable());
    EXPECT_EQ(counts_text(failure.counts()), "total=1000 reconciled=1000 skipped=0 failed=0");
  }
  postgres.start();
  EXPECT_EQ(counts_text(reconcile(*records).summary_counts), "total=200 reconciled=200 skipped=0 failed=0");
}

}  // namespace
}  // namespace runledger
