// Rows in one scan: every run is visited once, and a run whose visited row is not its last one is named.
#include "projections/folds/fold_once.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "projections/folds/fold.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

class FoldOnce : public testing::Test {
 protected:
  FoldOnce() : day(a_day()) {
    stored.append(day.ledger());
    to = stored.log().last();
    fold_all_with_attempts(sound_events(stored.log(), to),
                           [&](const RunWithAttempts& run) { expected[run.row.id] = run; });
  }

  // Folds, and requires that each run is visited once and is right unless it is named. Returns the number of named
  // runs.
  std::size_t check(const FoldOnceLimits& limits) {
    std::map<RunId, RunWithAttempts> visited;
    const auto visit = [&](const RunWithAttempts& run) { EXPECT_TRUE(visited.emplace(run.row.id, run).second); };
    const std::vector<RunId> named = fold_once(sound_events(stored.log(), to), visit, limits);
    const std::set<RunId> changed(named.begin(), named.end());
    EXPECT_EQ(changed.size(), named.size());
    EXPECT_EQ(visited.size(), expected.size());
    for (const auto& [id, run] : expected) {
      EXPECT_EQ(visited.at(id) == run, !changed.contains(id));
    }
    return named.size();
  }

  History day;
  StoredLog stored;
  Sequence to;
  std::map<RunId, RunWithAttempts> expected;
};

TEST_F(FoldOnce, NamesNoRunWhenAllWaitForTheEnd) {
  EXPECT_EQ(check({}), 0U);
}

TEST_F(FoldOnce, NamesTheRunsThatHadEventsAfterTheyWereCompleted) {
  EXPECT_GT(check({.settled_events = 0}), 0U);
  for (std::size_t settled = 1; settled < 40; ++settled) (void)check({.settled_events = settled});
}

TEST_F(FoldOnce, AnyBoundOnMemoryKeepsTheRowsOrNamesThem) {
  EXPECT_GT(check({.rows_max = 2}), 0U);
  for (std::size_t rows_max = 3; rows_max < expected.size() + 2; ++rows_max)
    (void)check({.settled_events = 10, .rows_max = rows_max});
}

TEST_F(FoldOnce, AnEmptyLogHasNoRows) {
  const auto visit = [](const RunWithAttempts&) { ADD_FAILURE(); };
  EXPECT_TRUE(fold_once(sound_events(stored.log(), Sequence{}), visit).empty());
}

}  // namespace
}  // namespace runledger
