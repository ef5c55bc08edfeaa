// Folds from the log alone: one run, all runs, in parts, and in spite of damage.
#include "projections/folds/fold.h"

#include <gtest/gtest.h>

#include "ledger/base/failure.h"
#include "ledger/log/entries.h"
#include "projections/folds/event_source.h"
#include "projections/folds/part_fold.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

using Rows = std::vector<OperationRun::Row>;

class Folds : public testing::Test {
 protected:
  Folds() : day(a_day()) { stored.append(day.ledger()); }

  [[nodiscard]] Rows naive(std::size_t to) const {
    std::map<RunId, OperationRun::Row> rows;
    for (std::size_t i = 0; i < to; ++i) OperationRun::evolve(rows[day.events()[i].run], day.events()[i]);
    Rows sorted;
    for (const auto& [run, row] : rows) sorted.push_back(row);
    return sorted;
  }
  Rows folded(Sequence to, std::size_t rows_max = kRowsInMemoryMax) {
    Rows rows;
    fold_all(
        stored.log(), to, [&](const OperationRun::Row& row) { rows.push_back(row); }, {}, rows_max);
    return rows;
  }

  History day;
  StoredLog stored;
};

TEST_F(Folds, ARunAsOfAnyPositionIsTheFoldOfItsEventsUpToThere) {
  for (std::size_t to = 0; to <= day.events().size(); ++to) {
    const Rows rows = naive(to);
    for (const auto& entry : day.ledger().runs) {
      const RunId run = entry.first;
      const auto expected = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.id == run; });
      const auto row = fold_run(stored.log(), run, Sequence{to});
      ASSERT_EQ(row.has_value(), expected != rows.end());
      if (row) {
        ASSERT_EQ(*row, *expected);
      }
    }
  }
}

TEST_F(Folds, AllRunsAsOfAnyPositionComeInTheOrderOfTheirIds) {
  for (std::size_t to = 0; to <= day.events().size(); ++to) ASSERT_EQ(folded(Sequence{to}), naive(to)) << to;
}

TEST_F(Folds, AnyBoundOnMemoryGivesTheSameRows) {
  for (std::size_t rows_max = 2; rows_max <= day.ledger().runs.size() + 1; ++rows_max) {
    ASSERT_EQ(folded(stored.log().last(), rows_max), naive(day.events().size())) << rows_max;
  }
}

TEST_F(Folds, ProgressOfSeveralPassesNeverGoesBackNorPastItsTotal) {
  std::uint64_t last = 0;
  std::uint64_t last_total = 0;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, total);
    last = done;
    last_total = total;
  };
  fold_all(
      stored.log(), stored.log().last(), [](const OperationRun::Row&) {}, progress, 10);
  EXPECT_EQ(last, last_total);
  EXPECT_GT(last, day.events().size());
}

TEST_F(Folds, AGapStopsTheFoldLoudly) {
  stored.erase(Family::kEvents, event_key(Sequence{4}));
  EXPECT_THROW(folded(stored.log().last()), Failure);
}

TEST_F(Folds, ReadableEventsPassOverWhatIsDamaged) {
  stored.erase(Family::kEvents, event_key(Sequence{4}));
  stored.put(Family::kEvents, event_key(Sequence{6}), "no event");
  std::vector<std::uint64_t> seen;
  readable_events(stored.log(),
                  Sequence{8})([&](const Envelope& envelope) { seen.push_back(envelope.sequence.value); });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 3, 5, 7, 8}));
}

TEST(PartFold, KeysThatAllBeginAlikeAreStillDividedEvenly) {
  PartFold<int, int> part(4);
  std::vector<int> visited;
  int passes = 0;
  while (part.next_part()) {
    ++passes;
    for (int key = 100; key > 0; --key) {
      if (int* count = part.state_of(key)) ++*count;
    }
    part.visit([&](int key, int count) {
      EXPECT_EQ(count, 1);
      visited.push_back(key);
    });
  }
  std::vector<int> expected;
  for (int key = 1; key <= 100; ++key) expected.push_back(key);
  EXPECT_EQ(visited, expected);
  EXPECT_LE(passes, 50);  // Each part holds at least half of what fits.
}

}  // namespace
}  // namespace runledger
