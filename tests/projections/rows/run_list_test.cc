// Lists of runs: every combination of filters returns, page by page, what filtering all rows would return.
//
// The expected lists come from naive(), which filters all rows of a_day() one by one. all_filters() makes about three
// thousand combinations of the seven filters, and each combination is read as one page and as pages of three. The
// remaining tests are about pages and cursors: where a list ends, which cursors are refused, and that a cursor does not
// reveal the position in it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "projections/folds/fold.h"
#include "projections/rows/index.h"
#include "projections/rows/list_cursor.h"
#include "projections/rows/list_index.h"
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
          (!filter.tenant || row.scope.tenant == filter.tenant) && filter.type.admits(row.type) &&
          filter.status.admits(row.status) && filter.outcome.admits(row.outcome) &&
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

// Runs of several scopes, workers, reasons, labels and parents, with retries and duplicates, and journals' times.
class ListByAspects : public testing::Test {
 protected:
  static constexpr int kRuns = 3000;

  ListByAspects() {
    const char* const tenants[] = {"contoso", "fabrikam", "northwind"};
    std::optional<RunId> parent;
    for (int i = 0; i < kRuns; ++i) {
      examples::RequestOf of{.scope = examples::scope(tenants[i % 3]),
                             .type = examples::type(i % 2 == 0 ? "assignments.fetch" : "assignments.restore")};
      if (i % 7 == 0) of.scope = examples::workspace_scope();
      if (i % 11 == 0) of.scope.workspace = examples::workspace("globex");
      of.initiator = i % 5 == 0 ? "ann" : "bob";
      of.labels = examples::labels({{"region", i % 3 == 0 ? "eu" : "us"}, {"tier", i % 2 == 0 ? "gold" : "tin"}});
      if (parent && history.ledger().runs.at(*parent).scope == of.scope) of.parent = parent;
      const RunId run = history.request(of);
      if (i % 50 == 0) parent = run;
      live(run, i);
    }
    stored.append(history.ledger());
    rows.emplace(stored.log());
    rows->catch_up();
    for (const auto& [run, state] : history.ledger().runs) all.push_back(row_of(history, run));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first_sequence > b.first_sequence; });
    for (const Envelope& envelope : history.events()) {
      const auto* started = std::get_if<AttemptStarted>(&envelope.event);
      if (started != nullptr) workers[envelope.run].insert(started->worker.str());
    }
  }

  void live(RunId run, int i) {
    if (i % 10 == 9) return;
    const AttemptRef first = history.start(run, i % 4 == 0 ? "w-1" : "w-2");
    if (i % 10 == 8) return;
    if (i % 6 == 0) {
      history.finish(run, first, {.outcome = AttemptOutcome::kFailed, .failures = {examples::failure("disk.full")}});
      if (i % 12 == 0) return;
      history.wait(std::chrono::hours(1));
      history.finish(run, history.start(run, "w-3"));
      return;
    }
    if (i % 9 == 0) {
      history.fail(run, "dispatch.failed");
      return;
    }
    history.finish(run, first);
    if (i % 8 == 0) history.request_again(run);
  }

  // What each filter means, told in another way than by the store.
  [[nodiscard]] std::vector<RunId> naive(const RunFilter& filter) const {
    std::vector<RunId> found;
    for (const OperationRun::Row& row : all) {
      bool fits = true;
      if (filter.workspace) fits &= row.scope.workspace == filter.workspace;
      if (filter.tenant) fits &= row.scope.tenant == filter.tenant;
      if (filter.reason_code) fits &= row.reason_code == filter.reason_code;
      if (filter.initiator) fits &= row.initiator == filter.initiator;
      if (filter.worker) fits &= workers.contains(row.id) && workers.at(row.id).contains(filter.worker->str());
      if (filter.identity) fits &= row.identity == *filter.identity;
      if (filter.parent) fits &= row.parent == filter.parent;
      for (const auto& [key, value] : filter.labels) fits &= row.labels.contains(key) && row.labels.at(key) == value;
      fits &= row.attempt.value >= filter.attempts_min;
      if (filter.deduped) fits &= row.deduped_count > 0;
      if (filter.id_prefix) {
        std::string id = format_uuid(row.id.value);
        std::erase(id, '-');
        fits &= id.starts_with(filter.id_prefix->digits);
      }
      if (filter.until) fits &= row.requested_at < *filter.until;
      if (filter.completed_since) fits &= row.completed_at && *row.completed_at >= *filter.completed_since;
      if (filter.active_between)
        fits &= row.requested_at < filter.active_between->until &&
                (!row.completed_at || *row.completed_at >= filter.active_between->from);
      if (filter.type) fits &= row.type == filter.type.values()[0] || row.type == filter.type.values().back();
      if (filter.outcome) {
        const std::vector<RunOutcome>& outcomes = filter.outcome.values();
        fits &= std::find(outcomes.begin(), outcomes.end(), row.outcome) != outcomes.end();
      }
      if (fits) found.push_back(row.id);
    }
    return found;
  }

  [[nodiscard]] std::vector<RunId> listed(const RunFilter& filter, std::size_t limit) const {
    std::vector<RunId> ids;
    std::string cursor;
    for (;;) {
      const Result<RunPage> page = rows->list(filter, limit, cursor);
      EXPECT_TRUE(page);
      if (!page) return ids;
      for (const OperationRun::Row& row : page->rows) ids.push_back(row.id);
      EXPECT_EQ(page->reached.has_value(), page->next_cursor.has_value());
      if (!page->next_cursor) return ids;
      cursor = *page->next_cursor;
    }
  }

  // Each filter alone.
  [[nodiscard]] std::vector<std::pair<const char*, RunFilter>> singles() const {
    const OperationRun::Row& some = all[kRuns / 2];
    AnyOf<RunOutcome> bad{RunOutcome::kFailed};
    bad.insert(RunOutcome::kPending);
    AnyOf<RunType> types{examples::type("assignments.fetch")};
    types.insert(examples::type("assignments.restore"));
    const auto with_parent = std::find_if(all.begin(), all.end(), [](const auto& row) { return row.parent; });
    EXPECT_NE(with_parent, all.end());
    return {{"reason_code", {.reason_code = examples::reason("dispatch.failed")}},
            {"reason_code of a retry", {.reason_code = examples::reason("disk.full")}},
            {"initiator", {.initiator = sanitize("ann")}},
            {"worker", {.worker = sanitize("w-1")}},
            {"worker of a retry", {.worker = sanitize("w-3")}},
            {"identity", {.identity = some.identity}},
            {"parent", {.parent = with_parent->parent}},
            {"label", {.labels = examples::labels({{"region", "eu"}})}},
            {"attempts_min", {.attempts_min = 2}},
            {"deduped", {.deduped = true}},
            {"id_prefix", {.id_prefix = IdPrefix{format_hex(some.id.value.view()).substr(0, 31)}}},
            {"id", {.id_prefix = IdPrefix{format_hex(some.id.value.view())}}},
            {"completed_since", {.completed_since = all[200].requested_at}},
            {"active_between", {.active_between = TimeRange{some.requested_at, some.requested_at + Duration(1)}}},
            {"type", {.type = examples::type("assignments.restore")}},
            {"types", {.type = types}},
            {"outcomes", {.outcome = bad}},
            {"until", {.until = all[20].requested_at}}};
  }

  History history;
  StoredLog stored;
  std::optional<RowStore> rows;
  std::vector<OperationRun::Row> all;  // The newest first.
  std::map<RunId, std::set<std::string>> workers;
};

TEST_F(ListByAspects, AndEveryPairOfThemIsWhatFilteringAllRowsGives) {
  const auto filters = singles();
  const std::optional<Workspace> workspaces[] = {std::nullopt, examples::workspace("acme"),
                                                 examples::workspace("globex")};
  for (const auto& [name, single] : filters) {
    EXPECT_FALSE(naive(single).empty()) << name << " matches nothing, so this test proves nothing";
    for (const auto& workspace : workspaces) {
      for (const auto& tenant : {std::optional<Tenant>(), std::optional(examples::tenant("contoso"))}) {
        RunFilter filter = single;
        filter.workspace = workspace;
        filter.tenant = tenant;
        ASSERT_EQ(listed(filter, 1000), naive(filter)) << name;
        ASSERT_EQ(listed(filter, 7), naive(filter)) << name;
        filter.worker = filter.worker.value_or(sanitize("w-2"));
        filter.labels.merge(examples::labels({{"tier", "tin"}}));
        ASSERT_EQ(listed(filter, 50), naive(filter)) << name;
      }
    }
  }
}

TEST_F(ListByAspects, AloneReadAtMostTenTimesTheirPage) {
  constexpr std::size_t kLimit = 50;
  for (const auto& [name, single] : singles()) {
    for (const auto& workspace : {std::optional<Workspace>(), std::optional(examples::workspace("acme"))}) {
      RunFilter filter = single;
      filter.workspace = workspace;
      // The digits of an id are looked for in a scope by passing over its runs.
      if (workspace && filter.id_prefix && filter.id_prefix->digits.size() < 32) continue;
      std::string cursor;
      for (int pages = 0; pages < 3; ++pages) {
        const Result<RunPage> page = rows->list(filter, kLimit, cursor);
        ASSERT_TRUE(page) << name;
        EXPECT_LE(page->scanned, 10 * kLimit) << name;
        EXPECT_GE(page->scanned, page->rows.size()) << name;
        if (!page->next_cursor) break;
        cursor = *page->next_cursor;
      }
    }
  }
}

TEST_F(ListByAspects, OfAScopeLookAtNothingOfAnother) {
  const auto scanned = [](const RowStore& store, RunFilter filter, const std::optional<Tenant>& tenant) {
    filter.workspace = examples::workspace("globex");
    filter.tenant = tenant;
    filter.is_bound = true;
    const Result<RunPage> page = store.list(filter, 1000, "");
    EXPECT_TRUE(page);
    return page->scanned;
  };
  History alone;
  for (const Envelope& envelope : history.events()) {
    const auto* requested = std::get_if<Requested>(&envelope.event);
    if (requested == nullptr || envelope.scope.workspace != examples::workspace("globex")) continue;
    alone.request({.run = envelope.run,
                   .scope = envelope.scope,
                   .type = requested->type,
                   .input = requested->input,
                   .initiator = requested->initiator->str(),
                   .labels = requested->labels});
  }
  StoredLog other;
  other.append(alone.ledger());
  RowStore without(other.log());
  without.catch_up();
  for (const auto& tenant : {std::optional<Tenant>(), std::optional(examples::tenant("contoso"))}) {
    for (const RunFilter& filter :
         {RunFilter{}, RunFilter{.type = examples::type("assignments.restore")},
          RunFilter{.initiator = sanitize("ann")}, RunFilter{.labels = examples::labels({{"region", "eu"}})},
          RunFilter{.type = examples::type("assignments.fetch"), .initiator = sanitize("ann")},
          RunFilter{.id_prefix = IdPrefix{"00000000"}}, RunFilter{.since = all[all.size() / 2].requested_at},
          RunFilter{.until = all[all.size() / 2].requested_at}, RunFilter{.completed_since = all.front().requested_at}})
      EXPECT_EQ(scanned(*rows, filter, tenant), scanned(without, filter, tenant));
  }
  // An identity of another scope is answered as one that does not exist.
  EXPECT_EQ(scanned(*rows, {.identity = all.front().identity}, examples::tenant("nobody")), 0U);
}

TEST_F(ListByAspects, RefuseTooManyTypes) {
  RunFilter filter;
  for (std::size_t i = 0; i <= kFilterValuesMax; ++i) filter.type.insert(examples::type(fmt::format("a.b{}", i)));
  const Result<RunPage> page = rows->list(filter, 10, "");
  ASSERT_FALSE(page);
  EXPECT_EQ(page.rejection().code, "filter.too_many");
}

TEST(RunFilters, ThatHaveATextFormAreRead) {
  EXPECT_EQ(parse_id_prefix("5F0C2a52-7c")->digits, "5f0c2a527c");
  for (const char* bad : {"", "5f0", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a110", "5f0x"})
    EXPECT_EQ(parse_id_prefix(bad).rejection().code, "id_prefix.invalid") << bad;
  EXPECT_EQ(parse_time_range("2026-01-05T08:00:00Z/2026-01-05T09:00:00+01:00")->until, examples::at(0));
  EXPECT_EQ(parse_time_range("2026-01-05T08:00:00Z").rejection().code, "range.invalid");
  EXPECT_EQ(parse_time_range("2026-01-05T08:00:01Z/2026-01-05T08:00:00Z").rejection().code, "range.invalid");
  EXPECT_EQ(parse_time_range("today/tomorrow").rejection().code, "time.invalid");
  RunFilter filter;
  require_label(filter, "region=eu=1");
  EXPECT_EQ(filter.labels, examples::labels({{"region", "eu=1"}}));
  EXPECT_THROW(require_label(filter, "region"), Refused);
}

TEST(LongList, ThatMatchesNothingStopsAfterABoundedSearchAndGoesOn) {
  // Every run is of the type or of the initiator that is asked for, in turn, and none is of both.
  History history;
  for (std::size_t i = 0; i < kEntriesPassedOverMax / 2 + 5; ++i) {
    history.request({.type = examples::type("assignments.restore"), .initiator = "bob"});
    history.request({.initiator = "ann"});
  }
  StoredLog stored;
  stored.append(history.ledger());
  RowStore rows(stored.log());
  rows.catch_up();
  RunFilter nothing;
  nothing.workspace = examples::workspace();
  nothing.type = examples::type("assignments.restore");
  nothing.initiator = sanitize("ann");
  nothing.status = RunStatus::kQueued;
  const Result<RunPage> first = rows.list(nothing, 10, "");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->rows.empty());
  ASSERT_TRUE(first->next_cursor);
  EXPECT_TRUE(first->reached);
  EXPECT_GE(first->scanned, kEntriesPassedOverMax);
  const Result<RunPage> second = rows.list(nothing, 10, *first->next_cursor);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->rows.empty());
  EXPECT_EQ(second->next_cursor, std::nullopt);
  EXPECT_EQ(second->reached, std::nullopt);
}

}  // namespace
}  // namespace runledger
