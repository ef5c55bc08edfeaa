// Tests which runs a reconciliation closes, and which it leaves alone.
//
// A ReconcileWorld has a ledger with a clock that the test moves, and adapters' records in memory. A test requests
// runs, moves the clock, runs one reconciliation, and compares the counts of its report and the standing of each run.
// Races are made by `before_read`, which the records call after the job has listed the runs and before it closes any.
#include "jobs/reconcile/adapter_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "ledger/base/failure.h"
#include "ledger/rules/journal_import.h"
#include "tests/jobs/reconcile/reconcile_world.h"

namespace runledger {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

class Reconcile : public testing::Test {
 protected:
  ReconcileWorld world;
};

// Returns the reason of the JobFailure that `act` throws, followed by "retryable" if it is; empty when it does not
// throw.
template <class Act>
std::string job_failure_of(Act act) {
  try {
    (void)act();
  } catch (const JobFailure& failure) {
    return failure.reason_code().str() + (failure.retryable() ? " retryable" : "");
  }
  return "";
}

TEST_F(Reconcile, ARunThatIsQueuedForTooLongIsClosed) {
  const RunId run = world.request();
  world.advance(hours(1) - seconds(1));
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=1 reconciled=0 skipped=1 failed=0");
  EXPECT_EQ(world.standing(run), "queued");
  world.advance(seconds(1));
  const JobReport report = world.reconcile();
  EXPECT_EQ(report.outcome, AttemptOutcome::kSucceeded);
  EXPECT_EQ(counts_text(report.summary_counts), "total=1 reconciled=1 skipped=0 failed=0");
  EXPECT_EQ(world.standing(run), "failed run.stale_queued");
}

TEST_F(Reconcile, WhatAJournalLeftOpenIsClosedWhenNothingMoreIsTold) {
  const auto rules = std::make_shared<JournalImport>(Catalog());
  const auto import = [&](Command command) {
    (void)world.ledger.ledger()
        .sequencer()
        .submit({.command = std::move(command), .occurred_at = examples::at(0), .import = rules})
        .get();
  };
  for (int n = 1; n <= 2; ++n) {
    import(examples::request(
        {.run = examples::run_id(n), .input = examples::input(n == 1 ? R"({"n":1})" : R"({"n":2})"), .named = true}));
  }
  import(StartAttempt{examples::run_id(2), sanitize("w"), AttemptKey {}});
  world.advance(hours(1) - seconds(1));
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=2 reconciled=0 skipped=2 failed=0");
  world.advance(seconds(1));
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=2 reconciled=2 skipped=0 failed=0");
  for (int n = 1; n <= 2; ++n) EXPECT_EQ(world.standing(examples::run_id(n)), "failed run.imported_open");
}

TEST_F(Reconcile, TheInputSaysHowLongARunMayWait) {
  const RunId run = world.request();
  world.advance(seconds(90));
  (void)world.reconcile(R"({"stale_after_seconds":91})");
  EXPECT_EQ(world.standing(run), "queued");
  (void)world.reconcile(R"({"stale_after_seconds":90})");
  EXPECT_EQ(world.standing(run), "failed run.stale_queued");
}

TEST_F(Reconcile, TheWaitOfARetryBeginsWhenItIsDue) {
  const RunId run = world.request();
  (void)world.finish(world.start(run), AttemptOutcome::kFailed);  // The run is due again in 30 s.
  world.advance(hours(1));
  (void)world.reconcile();
  EXPECT_EQ(world.standing(run), "queued");
  world.advance(seconds(30));
  (void)world.reconcile();
  EXPECT_EQ(world.standing(run), "failed run.stale_queued");
}

TEST_F(Reconcile, ARequestThatWasDedupedDoesNotKeepAStaleRunAlive) {
  RunRequest request;
  request.workspace = examples::workspace();
  request.tenant = examples::tenant();
  request.type = examples::type("demo.sync");
  const RunId run = std::get<Reply>(world.client->submit(request, {})).run;
  world.advance(hours(1));
  ASSERT_EQ(std::get<Reply>(world.client->submit(request, {})).verdict, Verdict::kDeduped);
  (void)world.reconcile();
  EXPECT_EQ(world.standing(run), "failed run.stale_queued");
}

TEST_F(Reconcile, AnAttemptWithoutALiveLeaseIsLost) {
  const RunId run = world.request();
  (void)world.start(run);
  world.advance(seconds(59));
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=1 reconciled=0 skipped=1 failed=0");
  EXPECT_EQ(world.standing(run), "running");
  world.advance(seconds(1));
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=1 reconciled=1 skipped=0 failed=0");
  EXPECT_EQ(world.standing(run), "queued worker.lease_expired") << "the run has an attempt left, so it is tried again";
}

TEST_F(Reconcile, ARunWhoseAdapterSaysThatTheWorkHasEndedIsClosed) {
  const std::pair<AdapterStatus, std::string> expected[] = {
      {AdapterStatus::kSucceeded, "failed adapter.out_of_sync"},
      {AdapterStatus::kFailed, "failed adapter.out_of_sync"},
      {AdapterStatus::kCancelled, "cancelled adapter.out_of_sync"},
      {AdapterStatus::kRunning, "running"},
      {AdapterStatus::kQueued, "running"}};
  for (const auto& [status, standing] : expected) {
    const RunId run = world.request();
    const Reply started = world.start(run);
    world.records.put(run, status, has_ended(status) ? std::optional(world.now()) : std::nullopt);
    world.advance(seconds(30));
    (void)world.reconcile();
    EXPECT_EQ(standing, world.standing(run)) << to_string(status);
    if (!has_ended(status)) (void)world.finish(started, AttemptOutcome::kSucceeded);
  }
}

TEST_F(Reconcile, TheMessageNamesTheAdapterAndItsEnd) {
  const RunId run = world.request();
  world.records.put(run, AdapterStatus::kCancelled, world.now());
  world.advance(seconds(30));
  (void)world.reconcile();
  EXPECT_THAT(world.rows().front().failures.front().message.str(),
              HasSubstr("adapter graph says that attempt 1 (its job-17) was cancelled at 20"));
}

TEST_F(Reconcile, AWorkerHasTimeToReportWhatItsAdapterKnowsAlready) {
  const RunId run = world.request();
  (void)world.start(run);
  world.records.put(run, AdapterStatus::kSucceeded, world.now());
  world.advance(seconds(29));
  (void)world.reconcile();
  EXPECT_EQ(world.standing(run), "running");
  (void)world.reconcile(R"({"adapter_grace_seconds":29})");
  EXPECT_EQ(world.standing(run), "failed adapter.out_of_sync");
}

TEST_F(Reconcile, ARecordOfAnAttemptThatTheLedgerKnowsToHaveEndedSaysNothing) {
  const RunId run = world.request();
  (void)world.finish(world.start(run), AttemptOutcome::kFailed);
  world.records.put(run, AdapterStatus::kFailed, world.now(), 1);
  world.advance(minutes(1));
  (void)world.reconcile();
  EXPECT_EQ(world.standing(run), "queued");
  (void)world.start(run);
  (void)world.reconcile(R"({"adapter_grace_seconds":0})");
  EXPECT_EQ(world.standing(run), "running");
  world.records.put(run, AdapterStatus::kFailed, world.now(), 2);
  (void)world.reconcile(R"({"adapter_grace_seconds":0})");
  EXPECT_EQ(world.standing(run), "failed adapter.out_of_sync");
}

TEST_F(Reconcile, ARunThatIsTakenUpBetweenTheLookAndTheCloseIsSkipped) {
  const RunId run = world.request();
  world.advance(hours(2));
  world.records.before_read = [&] { (void)world.start(run); };
  const JobReport report = world.reconcile();
  EXPECT_EQ(counts_text(report.summary_counts), "total=1 reconciled=0 skipped=1 failed=0");
  EXPECT_TRUE(report.failures.empty());
  EXPECT_EQ(world.standing(run), "running");
}

TEST_F(Reconcile, ARunThatEndsBetweenTheLookAndTheCloseIsSkipped) {
  const RunId running = world.request();
  const RunId lost = world.request();
  const Reply started = world.start(running);
  const Reply started_too = world.start(lost);
  world.records.put(running, AdapterStatus::kSucceeded, world.now());
  world.advance(minutes(2));
  world.records.before_read = [&] {
    (void)world.finish(started, AttemptOutcome::kSucceeded);
    (void)world.finish(started_too, AttemptOutcome::kSucceeded);
  };
  const JobReport report = world.reconcile();
  EXPECT_EQ(report.outcome, AttemptOutcome::kSucceeded);
  EXPECT_EQ(counts_text(report.summary_counts), "total=2 reconciled=0 skipped=2 failed=0");
  EXPECT_EQ(world.standing(running), "succeeded");
  EXPECT_EQ(world.standing(lost), "succeeded");
}

TEST_F(Reconcile, DoneTwiceItChangesNothingMore) {
  for (int i = 0; i < 5; ++i) (void)world.request();
  const RunId running = world.request();
  (void)world.start(running);
  world.records.put(running, AdapterStatus::kFailed, world.now());
  world.advance(hours(1));
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=6 reconciled=6 skipped=0 failed=0");
  const Sequence head = world.head();
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=0 reconciled=0 skipped=0 failed=0");
  EXPECT_EQ(head, world.head());
}

TEST_F(Reconcile, OtherWorkspacesAndReconciliationsAreLeftAlone) {
  const RunId foreign = world.request("globex");
  const RunId itself = world.request("acme", "ops.reconcile_adapter_runs");
  world.advance(hours(10));
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=0 reconciled=0 skipped=0 failed=0");
  EXPECT_EQ(world.standing(foreign), "queued");
  EXPECT_EQ(world.standing(itself), "queued");
}

TEST_F(Reconcile, TheLimitIsSpentOnTheOldest) {
  std::vector<RunId> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(world.request());
  (void)world.start(runs[0]);  // It is in another list than the queued runs, but is still the oldest.
  world.advance(hours(1));
  EXPECT_EQ(counts_text(world.reconcile(R"({"limit":2})").summary_counts), "total=2 reconciled=2 skipped=0 failed=0");
  EXPECT_EQ(world.standing(runs[0]), "queued worker.lease_expired");
  EXPECT_EQ(world.standing(runs[1]), "failed run.stale_queued");
  EXPECT_EQ(world.standing(runs[2]), "queued");
  EXPECT_EQ(world.standing(runs[3]), "queued");
}

TEST_F(Reconcile, WhatCannotBeClosedIsAFailureAmongTheOthers) {
  std::vector<RunId> runs;
  for (int i = 0; i < 30; ++i) runs.push_back(world.request());
  world.refusing.refused.insert(runs.begin(), runs.begin() + 25);
  world.advance(hours(1));
  const JobReport some = world.reconcile();
  EXPECT_EQ(some.outcome, AttemptOutcome::kPartiallySucceeded);
  EXPECT_EQ(counts_text(some.summary_counts), "total=30 reconciled=5 skipped=0 failed=25");
  ASSERT_EQ(some.failures.size(), kFailuresPerEventMax);
  EXPECT_EQ(some.failures.front().reason_code.str(), "storage.full");
  const JobReport none = world.reconcile();
  EXPECT_EQ(none.outcome, AttemptOutcome::kFailed);
  EXPECT_TRUE(none.retryable);
  world.refusing.refused.clear();
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=25 reconciled=25 skipped=0 failed=0");
}

TEST_F(Reconcile, ItEndsSoonWhenItIsToldToStop) {
  for (int i = 0; i < 3; ++i) (void)world.request();
  world.advance(hours(1));
  std::stop_source stop;
  world.records.before_read = [&] { stop.request_stop(); };
  EXPECT_EQ(job_failure_of([&] { return world.reconcile("{}", stop.get_token()); }), "worker.stopped retryable");
  EXPECT_EQ(world.standing(world.rows().front().id), "queued");
}

TEST_F(Reconcile, RecordsAreReadInBatches) {
  for (std::size_t i = 0; i < AdapterRecords::kRunsPerReadMax + 1; ++i) (void)world.request();
  EXPECT_EQ(counts_text(world.reconcile().summary_counts), "total=1001 reconciled=0 skipped=1001 failed=0");
  EXPECT_EQ(world.records.reads, 2);
}

TEST_F(Reconcile, AnInputThatCannotBeMeantIsRefused) {
  for (const char* input :
       {R"({"stale_after_seconds":-1})", R"({"stale_after_seconds":"1h"})", R"({"stale_after_seconds":1.5})",
        R"({"stale_after_seconds":40000000})", R"({"adapter_grace_seconds":null})", R"({"limit":0})",
        R"({"limit":10001})", R"({"stale_after_second":60})"}) {
    EXPECT_EQ(job_failure_of([&] { return world.reconcile(input); }), "reconcile.input_invalid") << input;
  }
}

TEST_F(Reconcile, RecordsThatCannotBeReadEndItWithWhatWasDone) {
  (void)world.request();
  world.records.before_read = [] { throw Failure(Remedy::kReconnect, "adapter.unavailable", "Postgres: gone"); };
  EXPECT_EQ(job_failure_of([&] { return world.reconcile(); }), "adapter.unavailable retryable");
  world.records.before_read = [] { throw Failure(Remedy::kCorrectInput, "adapter.unavailable", "no table"); };
  EXPECT_EQ(job_failure_of([&] { return world.reconcile(); }), "adapter.unavailable");
}

}  // namespace
}  // namespace runledger
