// Lists of runs: every combination of filters returns, page by page, what filtering all rows would return.
//
// The expected lists come from naive(), which filters all rows of a_day() one by one. all_filters() makes about three
// thousand combinations of the seven filters, and each combination is read as one page and as pages of three. The
// remaining tests are about pages and cursors: where a list ends, which cursors are refused, and that a cursor does not
// reveal the position in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "projections/folds/fold.h"
#include "projections/rows/index.h"
#include "projections/rows/list_cursor.h"
#include "projections/rows/list_search.h"
#include "projections/rows/store.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

std::vector<RunId> ids_of(const std::vector<OperationRun::Row>& rows) {
  std::vector<RunId> ids;
  for (const OperationRun::Row& row : rows) ids.push_back(row.id);
  return ids;
}

class RunList : public testing::Test {
 protected:
  RunList() : day(a_day()), rows((stored.append(day.ledger()), stored.log())) {
    rows.catch_up();
    for (const auto& [run, state] : day.ledger().runs) all.push_back(*fold_run(stored.log(), run, stored.log().last()));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first_sequence > b.first_sequence; });
  }

  [[nodiscard]] std::vector<RunId> naive(const RunFilter& filter) const {
    std::vector<OperationRun::Row> matching;
    for (const OperationRun::Row& row : all) {
      if ((!filter.workspace || row.scope.workspace == filter.workspace) &&
          (!filter.tenant || row.scope.tenant == filter.tenant) && (!filter.type || row.type == filter.type) &&
          (!filter.status || row.status == filter.status) && (!filter.outcome || row.outcome == filter.outcome) &&
          (!filter.since || row.requested_at >= *filter.since) && (!filter.until || row.requested_at < *filter.until)) {
        matching.push_back(row);
      }
    }
    return ids_of(matching);
  }

  [[nodiscard]] std::vector<RunId> paged(const RunFilter& filter, std::size_t limit) const {
    std::vector<RunId> ids;
    std::string cursor;
    for (;;) {
      const Result<RunPage> page = rows.list(filter, limit, cursor);
      EXPECT_TRUE(page) << "a cursor from the list was refused";
      if (!page) return ids;
      EXPECT_LE(page->rows.size(), limit);
      for (const RunId id : ids_of(page->rows)) ids.push_back(id);
      if (!page->next_cursor) return ids;
      cursor = *page->next_cursor;
    }
  }

  History day;
  StoredLog stored;
  RowStore rows;
  std::vector<OperationRun::Row> all;  // The newest first.
};

// Returns every combination of the filters, each with all of its values and without a value.
std::vector<RunFilter> all_filters(Time early, Time late) {
  std::vector<RunFilter> filters(1);
  const auto multiply = [&filters](const auto& set_values) {
    std::vector<RunFilter> more;
    for (const RunFilter& filter : filters) {
      more.push_back(filter);
      for (const auto& set : set_values) {
        more.push_back(filter);
        set(more.back());
      }
    }
    filters = std::move(more);
  };
  using Set = std::function<void(RunFilter&)>;
  std::vector<Set> values;
  for (const char* name : {"acme", "globex"}) {
    values.emplace_back([name](RunFilter& filter) { filter.workspace = examples::workspace(name); });
  }
  multiply(values);
  values.clear();
  for (const char* name : {"tenant-0", "tenant-1", "nobody"}) {
    values.emplace_back([name](RunFilter& filter) { filter.tenant = examples::tenant(name); });
  }
  multiply(values);
  values.clear();
  for (const char* name : {"assignments.fetch", "ops.reconcile_adapter_runs"}) {
    values.emplace_back([name](RunFilter& filter) { filter.type = examples::type(name); });
  }
  multiply(values);
  values.clear();
  for (const RunStatus status : {RunStatus::kQueued, RunStatus::kRunning, RunStatus::kCompleted}) {
    values.emplace_back([status](RunFilter& filter) { filter.status = status; });
  }
  multiply(values);
  values.clear();
  for (int outcome = 0; outcome <= static_cast<int>(RunOutcome::kCancelled); ++outcome) {
    values.emplace_back([outcome](RunFilter& filter) { filter.outcome = static_cast<RunOutcome>(outcome); });
  }
  multiply(values);
  multiply(std::vector<Set>{[early](RunFilter& filter) { filter.since = early; },
                            [late](RunFilter& filter) { filter.until = late; }});
  return filters;
}

TEST_F(RunList, EveryCombinationOfFiltersGivesWhatFilteringAllRowsGives) {
  const auto filters = all_filters(all[30].requested_at, all[10].requested_at);
  ASSERT_EQ(filters.size(), 3U * 4U * 3U * 4U * 7U * 3U);
  std::size_t found = 0;
  for (const RunFilter& filter : filters) {
    const std::vector<RunId> expected = naive(filter);
    ASSERT_EQ(paged(filter, 1000), expected);
    ASSERT_EQ(paged(filter, 3), expected);
    found += expected.size();
  }
  EXPECT_GT(found, filters.size() / 10) << "the filters match almost nothing, so this test proves nothing";
}

TEST_F(RunList, PagesOfAnySizeAreCompleteWithoutRepeats) {
  for (std::size_t limit = 1; limit <= all.size() + 1; ++limit) ASSERT_EQ(paged({}, limit), ids_of(all)) << limit;
}

TEST_F(RunList, AFullLastPageSaysThatItIsTheLast) {
  EXPECT_EQ((*rows.list({}, all.size(), "")).next_cursor, std::nullopt);
}

TEST_F(RunList, ACursorOfAnotherFilterIsRefused) {
  RunFilter one;
  one.tenant = examples::tenant("tenant-1");
  RunFilter other;
  other.tenant = examples::tenant("tenant-2");
  RunFilter wider = one;
  wider.tenant.reset();
  const std::string cursor = (*rows.list(one, 1, "")).next_cursor.value();
  EXPECT_TRUE(rows.list(one, 1, cursor));
  for (const RunFilter& filter : {other, wider}) {
    const auto refused = rows.list(filter, 1, cursor);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.rejection().code, "cursor.invalid");
  }
}

TEST_F(RunList, ACursorThatNobodyGaveOutIsRefused) {
  const std::string good = (*rows.list({}, 1, "")).next_cursor.value();
  std::string changed = good;
  changed.back() = changed.back() == '0' ? '1' : '0';
  for (const std::string& cursor : {std::string("x"), std::string("00"), std::string(48, '0'), std::string(48, 'g'),
                                    changed, good + "00", good.substr(2), std::string(100'000, '7')}) {
    const auto refused = rows.list({}, 1, cursor);
    ASSERT_FALSE(refused) << cursor.substr(0, 60);
    EXPECT_EQ(refused.rejection().code, "cursor.invalid");
  }
}

TEST_F(RunList, ACursorOfAnotherLedgerIsRefused) {
  const std::string cursor = seal_cursor(IdentityKey::random(), {}, Sequence{10});
  EXPECT_FALSE(rows.list({}, 1, cursor));
}

TEST(ListCursor, OpensToThePositionThatWasSealedAndShowsNothingOfIt) {
  const IdentityKey key = IdentityKey::random();
  std::string before;
  for (const std::uint64_t position : {1ULL, 2ULL, 3ULL, 1ULL << 40U, ~0ULL}) {
    const std::string cursor = seal_cursor(key, {}, Sequence{position});
    EXPECT_EQ(open_cursor(key, {}, cursor), Sequence{position});
    EXPECT_EQ(seal_cursor(key, {}, Sequence{position}), cursor);
    // The masked positions of neighbours have only as many digits in common as chance explains.
    if (!before.empty()) {
      EXPECT_NE(cursor.substr(32, 12), before.substr(32, 12));
    }
    before = cursor;
  }
}

TEST(ListCursor, WithAnyBitFlippedIsRefused) {
  const IdentityKey key = IdentityKey::random();
  const std::string sealed = parse_hex(seal_cursor(key, {}, Sequence{1234})).value();
  ASSERT_EQ(open_cursor(key, {}, format_hex(sealed)), Sequence{1234});
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(open_cursor(key, {}, format_hex(changed)), std::nullopt) << "bit " << bit;
  }
}

TEST(ListCursor, OfAnotherLedgerIsRefused) {
  IdentityKey key = IdentityKey::random();
  const std::string cursor = seal_cursor(key, {}, Sequence{1234});
  EXPECT_EQ(open_cursor(IdentityKey::random(), {}, cursor), std::nullopt);
  key.bytes.back() ^= 1U;
  EXPECT_EQ(open_cursor(key, {}, cursor), std::nullopt);
}

// Journals tell of any time, and the list finds their runs among those of today.
TEST(LongList, ByTimeIsWhatFilteringAllRowsGives) {
  History history;
  for (int i = 0; i < 3; ++i) {
    for (std::size_t run = 0; run < 2 * row_index::kSpanEvents; ++run) history.request();
    history.wait(std::chrono::hours(24 * (i + 1)));
  }
  StoredLog stored;
  stored.append(history.ledger());
  RowStore rows(stored.log());
  rows.catch_up();
  const auto count = [&](const RunFilter& filter) {
    std::size_t found = 0;
    std::string cursor;
    for (;;) {
      const Result<RunPage> page = rows.list(filter, 1000, cursor);
      EXPECT_TRUE(page);
      for (const OperationRun::Row& row : page->rows) {
        EXPECT_TRUE(!filter.since || row.requested_at >= *filter.since);
        EXPECT_TRUE(!filter.until || row.requested_at < *filter.until);
      }
      found += page->rows.size();
      if (!page->next_cursor) return found;
      cursor = *page->next_cursor;
    }
  };
  const Time second = examples::at(0) + std::chrono::hours(24);
  const Time third = second + std::chrono::hours(48);
  constexpr std::size_t kEach = 2 * row_index::kSpanEvents;
  EXPECT_EQ(count({.until = second}), kEach);
  EXPECT_EQ(count({.since = second, .until = third}), kEach);
  EXPECT_EQ(count({.since = third}), kEach);
  EXPECT_EQ(count({.since = second}), 2 * kEach);
  EXPECT_EQ(count({.until = examples::at(0)}), 0U);
}

TEST(LongList, ThatMatchesNothingStopsAfterABoundedSearchAndGoesOn) {
  // Every run is of the type or of the workspace that is asked for, in turn, and none is of both.
  const Scope elsewhere{examples::workspace("elsewhere"), std::nullopt};
  History history;
  for (std::size_t i = 0; i < kEntriesPassedOverMax / 2 + 5; ++i) {
    history.request({.scope = elsewhere, .type = examples::type("assignments.restore")});
    history.request();
  }
  StoredLog stored;
  stored.append(history.ledger());
  RowStore rows(stored.log());
  rows.catch_up();
  RunFilter nothing;
  nothing.workspace = examples::workspace();
  nothing.type = examples::type("assignments.restore");
  nothing.status = RunStatus::kQueued;
  const Result<RunPage> first = rows.list(nothing, 10, "");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->rows.empty());
  ASSERT_TRUE(first->next_cursor);
  const Result<RunPage> second = rows.list(nothing, 10, *first->next_cursor);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->rows.empty());
  EXPECT_EQ(second->next_cursor, std::nullopt);
}

}  // namespace
}  // namespace runledger
