// The fold of one run's events into rows of its attempts.
#include "projections/folds/operation_run_attempt.h"

#include <gtest/gtest.h>

#include "projections/folds/run_history.h"
#include "tests/fixtures/models/history.h"

namespace runledger {
namespace {

using examples::counts;

std::vector<OperationRunAttempt::Row> rows_of(const std::vector<Envelope>& events) {
  std::vector<OperationRunAttempt::Row> rows;
  for (const Envelope& envelope : events) OperationRunAttempt::evolve(rows, envelope);
  return rows;
}

std::vector<OperationRunAttempt::Row> rows_of(const History& history, RunId run) {
  return rows_of(history.ledger().events_of(run));
}

TEST(OperationRunAttempt, ARunThatNoWorkerStartedHasNone) {
  History history;
  const RunId run = history.request();
  history.cancel(run);
  EXPECT_TRUE(rows_of(history, run).empty());
}

TEST(OperationRunAttempt, UnderWayHasNeitherAnEndNorAnOutcome) {
  History history;
  const RunId run = history.request();
  history.start(run, "host-7");
  const auto rows = rows_of(history, run);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].run, run);
  EXPECT_EQ(rows[0].attempt, AttemptNumber{1});
  EXPECT_EQ(rows[0].worker, sanitize("host-7"));
  EXPECT_EQ(rows[0].started_at, history.now());
  EXPECT_EQ(rows[0].ended_at, std::nullopt);
  EXPECT_EQ(rows[0].outcome, std::nullopt);
  EXPECT_EQ(rows[0].first_sequence, rows[0].last_sequence);
  EXPECT_FALSE(rows[0].lost);
}

TEST(OperationRunAttempt, EachKeepsItsOwnCountsFailuresAndReason) {
  History history;
  const RunId run = history.failed();
  const auto rows = rows_of(history, run);
  ASSERT_EQ(rows.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rows[i].attempt, AttemptNumber{i + 1});
    EXPECT_EQ(rows[i].outcome, AttemptOutcome::kFailed);
    EXPECT_EQ(rows[i].summary_counts, counts({{"processed", i + 1}}));
    EXPECT_EQ(rows[i].failures, std::vector{examples::failure()});
    EXPECT_EQ(rows[i].reason_code, examples::failure().reason_code);
    EXPECT_TRUE(rows[i].ended_at.has_value());
    EXPECT_GT(rows[i].last_sequence, rows[i].first_sequence);
    EXPECT_FALSE(rows[i].late);
  }
}

TEST(OperationRunAttempt, ThatWasLostStaysSoAndKeepsItsEndWhenTheReportComes) {
  History history;
  const RunId run = history.request();
  const AttemptRef first = history.start(run);
  history.wait(std::chrono::minutes(2));
  history.start(run);
  const Time lost_at = history.now();
  const auto before = rows_of(history, run);
  EXPECT_EQ(before[0].outcome, AttemptOutcome::kLost);
  EXPECT_EQ(before[0].ended_at, lost_at);
  EXPECT_EQ(before[0].reason_code->str(), "worker.lease_expired");
  EXPECT_TRUE(before[0].lost);
  EXPECT_FALSE(before[0].late);

  history.finish(run, first, {.counts = counts({{"items", 9}})});
  const auto after = rows_of(history, run);
  EXPECT_EQ(after[0].outcome, AttemptOutcome::kSucceeded);
  EXPECT_EQ(after[0].summary_counts, counts({{"items", 9}}));
  EXPECT_EQ(after[0].reason_code, std::nullopt);
  EXPECT_EQ(after[0].ended_at, lost_at);
  EXPECT_TRUE(after[0].lost);
  EXPECT_TRUE(after[0].late);
  EXPECT_EQ(after[1], before[1]) << "the event is of another attempt";
}

TEST(OperationRunAttempt, ThatTheEndOfTheRunSupersededHasTheReasonOfThat) {
  History history;
  const RunId run = history.request();
  history.start(run);
  history.cancel(run);
  const auto rows = rows_of(history, run);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].outcome, std::nullopt);
  EXPECT_EQ(rows[0].ended_at, history.now());
  EXPECT_TRUE(rows[0].reason_code.has_value());
  EXPECT_FALSE(rows[0].lost);
}

TEST(OperationRunAttempt, ShowsTheReportThatTheHistoryOfTheRunShows) {
  const History day = a_day();
  std::size_t compared = 0;
  for (const auto& [run, state] : day.ledger().runs) {
    const std::vector<Envelope> events = day.ledger().events_of(run);
    const auto rows = rows_of(events);
    const std::vector<AttemptRow> history = fold_attempts(events);
    ASSERT_EQ(rows.size(), history.size());
    for (std::size_t i = 0; i < rows.size(); ++i, ++compared) {
      EXPECT_EQ(rows[i].attempt, history[i].attempt);
      EXPECT_EQ(rows[i].worker, history[i].worker);
      EXPECT_EQ(rows[i].started_at, history[i].started_at);
      EXPECT_EQ(rows[i].outcome, history[i].outcome);
      EXPECT_EQ(rows[i].summary_counts, history[i].summary_counts);
      EXPECT_EQ(rows[i].failures, history[i].failures);
      EXPECT_EQ(rows[i].late, history[i].late);
      EXPECT_TRUE(!history[i].finished_at || rows[i].ended_at) << "a report always ends an attempt";
    }
  }
  EXPECT_GT(compared, 10U);
}

}  // namespace
}  // namespace runledger
