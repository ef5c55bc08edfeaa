// The fold of one run's events into its row, event by event.
//
// A History writes the events through the real rules, and row_of() folds those of one run. Most tests take the row
// before an event, change the members that the event should change, and compare the result with the row after it. So a
// member that changes by mistake is noticed too. The suite FinalAttemptWins holds the rule that a run only has the
// counts of its final attempt.
#include "projections/folds/operation_run.h"

#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

using examples::counts;
using examples::failure;

AttemptReport failed_with(Counts reported, bool retryable = true) {
  return {AttemptOutcome::kFailed, std::move(reported), {failure()}, retryable};
}

TEST(OperationRunFold, ARequestedRunIsQueuedWithWhatWasAskedFor) {
  History history;
  const RunId run = history.request({.input = examples::input(R"({"b":1,"a":2})")});
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.id, run);
  EXPECT_EQ(row.scope, examples::scope());
  EXPECT_EQ(row.type, examples::type());
  EXPECT_EQ(row.status, RunStatus::kQueued);
  EXPECT_EQ(row.outcome, RunOutcome::kPending);
  EXPECT_EQ(row.attempt, AttemptNumber{0});
  EXPECT_EQ(row.max_attempts, 3U);
  EXPECT_EQ(row.initiator, sanitize("an example"));
  EXPECT_EQ(row.context.canonical(), R"({"a":2,"b":1})");
  EXPECT_EQ(row.requested_at, history.now());
  EXPECT_EQ(row.created_at, history.now());
  EXPECT_EQ(row.started_at, std::nullopt);
  EXPECT_EQ(row.completed_at, std::nullopt);
  EXPECT_EQ(row.run_version, RunVersion{1});
  EXPECT_EQ(row.first_sequence, Sequence{1});
  EXPECT_EQ(row.last_sequence, Sequence{1});
}

TEST(OperationRunFold, ADedupeCountsAndTouchesNothingElse) {
  History history;
  const RunId run = history.request();
  history.start(run);
  OperationRun::Row expected = row_of(history, run);
  history.request_again(run);
  expected.deduped_count = 1;
  expected.run_version = RunVersion{3};
  expected.last_sequence = Sequence{3};
  expected.updated_at = history.now();
  EXPECT_EQ(row_of(history, run), expected);
}

TEST(OperationRunFold, ASkippedStartIsCountedByItself) {
  MemoryLedger ledger;
  const RunId run = examples::run_id(1);
  (void)ledger.submit(examples::request({.run = run}), examples::at(0));
  for (int start = 0; start < 2; ++start)
    (void)ledger.submit(StartAttempt{.run = run, .worker = {}}, examples::at(start));
  OperationRun::Row row;
  for (const Envelope& envelope : ledger.events) OperationRun::evolve(row, envelope);
  EXPECT_EQ(row.skipped_count, 1U);
  EXPECT_EQ(row.deduped_count, 0U);
}

TEST(OperationRunFold, AStartedRunIsRunningSinceItsFirstAttempt) {
  History history;
  const RunId run = history.request();
  const AttemptRef first = history.start(run);
  const Time started = history.now();
  EXPECT_EQ(row_of(history, run).status, RunStatus::kRunning);
  history.finish(run, first, failed_with({}));
  history.start(run);
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.status, RunStatus::kRunning);
  EXPECT_EQ(row.attempt, AttemptNumber{2});
  EXPECT_EQ(row.started_at, started);
}

TEST(OperationRunFold, EachOutcomeOfAnAttemptThatCompletesIsTheRuns) {
  struct Case {
    AttemptOutcome attempt;
    RunOutcome run;
  };
  for (const Case& c : {Case{AttemptOutcome::kSucceeded, RunOutcome::kSucceeded},
                        Case{AttemptOutcome::kPartiallySucceeded, RunOutcome::kPartiallySucceeded},
                        Case{AttemptOutcome::kBlocked, RunOutcome::kBlocked},
                        Case{AttemptOutcome::kCancelled, RunOutcome::kCancelled}}) {
    History history;
    const RunId run = history.request();
    history.finish(run, history.start(run), {.outcome = c.attempt, .counts = counts({{"items", 4}})});
    const OperationRun::Row row = row_of(history, run);
    EXPECT_EQ(row.status, RunStatus::kCompleted) << to_string(c.attempt);
    EXPECT_EQ(row.outcome, c.run) << to_string(c.attempt);
    EXPECT_EQ(row.summary_counts, counts({{"items", 4}}));
    EXPECT_EQ(row.completed_at, history.now());
  }
}

TEST(OperationRunFold, ARetryQueuesTheRunAndShowsWhyButNoCounts) {
  History history;
  const RunId run = history.request();
  history.finish(run, history.start(run), failed_with(counts({{"items", 4}})));
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.status, RunStatus::kQueued);
  EXPECT_EQ(row.outcome, RunOutcome::kPending);
  EXPECT_EQ(row.summary_counts, Counts{});
  EXPECT_EQ(row.reason_code, examples::reason());
  EXPECT_EQ(row.failures, std::vector{failure()});
  EXPECT_EQ(row.completed_at, std::nullopt);
}

TEST(OperationRunFold, SuccessAfterARetryClearsTheReasonAndTheFailures) {
  History history;
  const RunId run = history.request();
  history.finish(run, history.start(run), failed_with({}));
  history.finish(run, history.start(run));
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.outcome, RunOutcome::kSucceeded);
  EXPECT_EQ(row.reason_code, std::nullopt);
  EXPECT_TRUE(row.failures.empty());
}

TEST(OperationRunFold, EveryRowOnTheWayIsCompletedExactlyWhenItHasAnOutcome) {
  const History day = a_day();
  std::map<RunId, OperationRun::Row> rows;
  for (const Envelope& envelope : day.events()) {
    OperationRun::Row& row = rows[envelope.run];
    OperationRun::evolve(row, envelope);
    EXPECT_EQ(row.status == RunStatus::kCompleted, row.outcome != RunOutcome::kPending) << envelope.sequence.value;
    EXPECT_EQ(row.status == RunStatus::kCompleted, row.completed_at.has_value()) << envelope.sequence.value;
    if (row.status != RunStatus::kCompleted) {
      EXPECT_EQ(row.summary_counts, Counts{}) << envelope.sequence.value;
    }
  }
}

TEST(FinalAttemptWins, CountsAreThoseOfTheLastAttemptNeitherAddedNorMerged) {
  History history;
  const RunId run = history.request();
  history.finish(run, history.start(run), failed_with(counts({{"items", 100}, {"skipped", 3}})));
  history.finish(run, history.start(run), {.counts = counts({{"items", 7}})});
  EXPECT_EQ(row_of(history, run).summary_counts, counts({{"items", 7}}));
}

TEST(FinalAttemptWins, AFinalAttemptWithoutCountsLeavesThemEmpty) {
  History history;
  const RunId run = history.request();
  history.finish(run, history.start(run), failed_with(counts({{"items", 100}})));
  history.finish(run, history.start(run));
  EXPECT_EQ(row_of(history, run).summary_counts, Counts{});
}

TEST(FinalAttemptWins, AnExhaustedRunHasTheCountsOfItsLastAttempt) {
  History history;
  const RunId run = history.failed();
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.status, RunStatus::kCompleted);
  EXPECT_EQ(row.outcome, RunOutcome::kFailed);
  EXPECT_EQ(row.attempt, AttemptNumber{3});
  EXPECT_EQ(row.summary_counts, counts({{"processed", 3}}));
  EXPECT_EQ(row.held_counts, Counts{});
  EXPECT_EQ(row.reason_code, examples::reason());
  EXPECT_EQ(row.failures, std::vector{failure()});
}

TEST(FinalAttemptWins, ARunCancelledBetweenTwoAttemptsHasTheCountsOfTheFirst) {
  History history;
  const RunId run = history.request();
  history.finish(run, history.start(run), failed_with(counts({{"items", 5}})));
  history.cancel(run);
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.outcome, RunOutcome::kCancelled);
  EXPECT_EQ(row.summary_counts, counts({{"items", 5}}));
}

TEST(FinalAttemptWins, ARunCancelledDuringItsSecondAttemptHasNone) {
  History history;
  const RunId run = history.request();
  history.finish(run, history.start(run), failed_with(counts({{"items", 5}})));
  history.start(run);
  history.cancel(run);
  EXPECT_EQ(row_of(history, run).summary_counts, Counts{});
}

TEST(FinalAttemptWins, ALostFinalAttemptHasNone) {
  History history;
  Policy once;
  once.max_attempts = 1;
  const RunId run = history.request({.policy = once});
  history.start(run);
  history.wait(std::chrono::minutes(5));
  const RunState& state = history.ledger().runs.at(run);
  ASSERT_NE(state.open_attempt(), nullptr);
  MemoryLedger ledger = history.ledger();  // The start that finds the lost attempt is not allowed another one.
  const Answer answer = ledger.submit(StartAttempt{run, sanitize("late worker"), {}}, history.now());
  ASSERT_EQ(std::get<Reply>(answer).verdict, Verdict::kSkipped);
  OperationRun::Row row;
  for (const Envelope& envelope : ledger.events_of(run)) OperationRun::evolve(row, envelope);
  EXPECT_EQ(row.outcome, RunOutcome::kFailed);
  EXPECT_EQ(row.summary_counts, Counts{});
  EXPECT_EQ(row.reason_code, examples::reason("worker.lease_expired"));
}

TEST(FinalAttemptWins, ALateReportMovesOnlyTheVersion) {
  History history;
  const RunId run = history.request();
  const AttemptRef first = history.start(run);
  history.wait(std::chrono::minutes(2));
  const AttemptRef second = history.start(run);  // The lease of the first attempt has run out.
  history.finish(run, second, {.counts = counts({{"items", 7}})});
  OperationRun::Row expected = row_of(history, run);
  ASSERT_EQ(history.finish(run, first, {.counts = counts({{"items", 9}})}).verdict, Verdict::kLate);
  expected.run_version = expected.run_version.next();
  expected.last_sequence = expected.last_sequence.next();
  expected.updated_at = history.now();
  EXPECT_EQ(row_of(history, run), expected);
}

TEST(OperationRunFold, AFailureWithoutNotesKeepsThoseOfTheLatestAttempt) {
  History history;
  const RunId run = history.request();
  history.finish(run, history.start(run), failed_with({}));
  history.cancel(run);
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.reason_code, examples::reason("run.cancelled"));
  EXPECT_EQ(row.failures, std::vector{failure()});
}

TEST(OperationRunFold, AFailureWithAMessageShowsItsOwn) {
  History history;
  const RunId run = history.request();
  history.fail(run, "dispatch.failed", "queue is full");
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.outcome, RunOutcome::kFailed);
  EXPECT_EQ(row.failures, std::vector{failure("dispatch.failed", "queue is full")});
  EXPECT_EQ(row.started_at, std::nullopt);
}

TEST(OperationRunFold, ARunOfAJournalIsImportedOpenUntilItEndsOrIsStartedHere) {
  History history;
  EXPECT_FALSE(row_of(history, history.request()).imported_open);
  history.import();
  const RunId open = history.request();
  EXPECT_TRUE(row_of(history, open).imported_open);
  (void)history.start(open);
  EXPECT_TRUE(row_of(history, open).imported_open);
  history.fail(open);
  EXPECT_FALSE(row_of(history, open).imported_open);
  const RunId taken = history.request();
  history.import(false);
  (void)history.start(taken);
  EXPECT_FALSE(row_of(history, taken).imported_open);
}

TEST(OperationRunFold, AnAdoptedRunIsQueuedAndDue) {
  History history;
  history.import();
  const RunId run = history.request();
  (void)history.start(run);
  EXPECT_EQ(row_of(history, run).due_at, std::nullopt);
  history.import(false);
  history.adopt(run);
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.status, RunStatus::kQueued);
  EXPECT_EQ(row.due_at, history.last().recorded_at);
  EXPECT_EQ(row.attempt, AttemptNumber{1});
  EXPECT_FALSE(row.imported_open);
}

TEST(OperationRunFold, TimesAreThoseOfTheSourceWhereItTellsThem) {
  History history;
  history.import();
  const RunId run = history.request();
  const Time requested = history.now();
  const AttemptRef attempt = history.start(run);
  const Time started = history.now();
  history.finish(run, attempt);
  const OperationRun::Row row = row_of(history, run);
  EXPECT_EQ(row.requested_at, requested);
  EXPECT_EQ(row.started_at, started);
  EXPECT_EQ(row.completed_at, history.now());
}

}  // namespace
}  // namespace runledger
