// The fold of one run's events into its attempts.
#include "projections/folds/run_history.h"

#include <gtest/gtest.h>

#include "tests/fixtures/models/history.h"

namespace runledger {
namespace {

using examples::counts;

std::vector<AttemptRow> attempts_of(const History& history, RunId run) {
  return fold_attempts(history.ledger().events_of(run));
}

TEST(RunHistory, ARunThatNobodyStartedHasNoAttempts) {
  History history;
  const RunId run = history.request();
  history.request_again(run);
  history.cancel(run);
  EXPECT_TRUE(attempts_of(history, run).empty());
}

TEST(RunHistory, AnOpenAttemptHasNoOutcome) {
  History history;
  const RunId run = history.request();
  const AttemptRef attempt = history.start(run, "host-7");
  const auto attempts = attempts_of(history, run);
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(attempts[0].attempt, AttemptNumber{1});
  EXPECT_EQ(attempts[0].token, attempt.token);
  EXPECT_EQ(attempts[0].worker, sanitize("host-7"));
  EXPECT_EQ(attempts[0].started_at, history.now());
  EXPECT_EQ(attempts[0].finished_at, std::nullopt);
  EXPECT_EQ(attempts[0].outcome, std::nullopt);
}

TEST(RunHistory, EveryAttemptKeepsItsOwnCountsAndFailures) {
  History history;
  const RunId run = history.failed();
  const auto attempts = attempts_of(history, run);
  ASSERT_EQ(attempts.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(attempts[i].attempt, AttemptNumber{i + 1});
    EXPECT_EQ(attempts[i].outcome, AttemptOutcome::kFailed);
    EXPECT_EQ(attempts[i].summary_counts, counts({{"processed", i + 1}}));
    EXPECT_EQ(attempts[i].failures, std::vector{examples::failure()});
    EXPECT_FALSE(attempts[i].late);
  }
}

TEST(RunHistory, ALostAttemptSaysSoUntilItsWorkerReportsLate) {
  History history;
  const RunId run = history.request();
  const AttemptRef first = history.start(run);
  history.wait(std::chrono::minutes(2));
  history.start(run);
  EXPECT_EQ(attempts_of(history, run)[0].outcome, AttemptOutcome::kLost);
  EXPECT_FALSE(attempts_of(history, run)[0].late);

  history.finish(run, first, {.counts = counts({{"items", 9}})});
  const auto attempts = attempts_of(history, run);
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[0].outcome, AttemptOutcome::kSucceeded);
  EXPECT_TRUE(attempts[0].late);
  EXPECT_EQ(attempts[0].summary_counts, counts({{"items", 9}}));
  EXPECT_EQ(attempts[0].finished_at, history.now());
  EXPECT_EQ(attempts[1].outcome, std::nullopt);
}

TEST(RunHistory, AnAttemptSupersededWithoutAReportHasNoOutcome) {
  History history;
  const RunId run = history.request();
  history.start(run);
  history.cancel(run);
  const auto attempts = attempts_of(history, run);
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(attempts[0].outcome, std::nullopt);
}

}  // namespace
}  // namespace runledger
