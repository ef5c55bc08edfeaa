// A list as of an earlier event is what the list was then: compared with rows that have followed the log only so far.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "projections/rows/past_list.h"
#include "projections/rows/store.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/models/random_story.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

// Returns all pages of a list.
std::vector<OperationRun::Row> list_all(const RowStore& rows, const RunFilter& filter, std::size_t limit) {
  std::vector<OperationRun::Row> all;
  std::string cursor;
  for (;;) {
    const Result<RunPage> page = rows.list(filter, limit, cursor);
    RC_ASSERT(static_cast<bool>(page));
    RC_ASSERT(page->rows.size() <= limit);
    all.insert(all.end(), page->rows.begin(), page->rows.end());
    if (!page->next_cursor) return all;
    cursor = *page->next_cursor;
  }
}

Time any_time(const MemoryLedger& ledger) {
  if (ledger.events.empty()) return examples::at(0);
  return ledger.events[*rc::gen::inRange<std::size_t>(0, ledger.events.size())].happened_at();
}

// Sets each filter in one case of four.
RunFilter any_filter(const MemoryLedger& ledger) {
  const auto sometimes = [] { return *rc::gen::inRange(0, 4) == 0; };
  RunFilter filter;
  if (sometimes()) filter.status = *rc::gen::element(RunStatus::kQueued, RunStatus::kRunning, RunStatus::kCompleted);
  if (sometimes())
    filter.outcome =
        *rc::gen::element(RunOutcome::kPending, RunOutcome::kSucceeded, RunOutcome::kFailed, RunOutcome::kCancelled);
  if (sometimes()) filter.workspace = examples::workspace();
  if (sometimes()) filter.type = examples::type();
  if (sometimes()) filter.attempts_min = *rc::gen::inRange(1U, 3U);
  if (sometimes()) filter.deduped = true;
  if (sometimes()) filter.completed_since = any_time(ledger);
  if (sometimes()) filter.since = any_time(ledger);
  if (sometimes()) {
    const Time from = any_time(ledger);
    const Time until = any_time(ledger);
    filter.active_between = TimeRange{std::min(from, until), std::max(from, until)};
  }
  if (sometimes()) {
    for (const Envelope& envelope : ledger.events) {
      const auto* started = std::get_if<AttemptStarted>(&envelope.event);
      if (started != nullptr && *rc::gen::arbitrary<bool>()) filter.worker = started->worker;
    }
  }
  filter.is_bound = filter.workspace.has_value() && *rc::gen::arbitrary<bool>();
  return filter;
}

TEST(PastListProperty, IsTheListOfThen) {
  StoredLog now;
  StoredLog then;
  const bool holds = rc::check("a list as of an event is the list after that event", [&] {
    now.clear();
    then.clear();
    MemoryLedger ledger;
    run_story_with_imports(
        arbitrary_story(),
        [&](const Command& command, Time at) { return ledger.submit(command, at, story_starter(command)); },
        [&](const Command& command, Time at) { return ledger.import(command, at); });
    RC_PRE(!ledger.events.empty());
    const std::size_t to = *rc::gen::inRange<std::size_t>(1, ledger.events.size() + 1);
    now.append(ledger);
    then.append(ledger, to);
    RowStore rows(now.log());
    rows.catch_up();
    RowStore rows_then(then.log());
    rows_then.catch_up();
    RunFilter filter = any_filter(ledger);
    const std::vector<OperationRun::Row> expected = list_all(rows_then, filter, RowStore::kPageMax);
    filter.as_of = Sequence{to};
    const std::size_t limit = *rc::gen::element<std::size_t>(1, 3, RowStore::kPageMax);
    const std::vector<OperationRun::Row> found = list_all(rows, filter, limit);
    RC_ASSERT(found == expected);
    // A time means the last event that was recorded at or before it.
    filter.as_of = ledger.events[to - 1].recorded_at;
    const std::vector<OperationRun::Row> by_time = list_all(rows, filter, limit);
    filter.as_of = now.log().as_of(ledger.events[to - 1].recorded_at);
    RC_ASSERT(by_time == list_all(rows, filter, limit));
  });
  EXPECT_TRUE(holds);
}

// A run with more events than a read folds one by one: its milestones lead over the duplicates in between.
TEST(PastList, FoldsALongRunByItsMilestones) {
  MemoryLedger ledger;
  const RunId run = examples::run_id(1);
  int asked = 0;
  const auto at = [&] { return examples::at(++asked); };
  const auto duplicate = [&](int times) {
    for (int i = 0; i < times; ++i)
      (void)ledger.submit(examples::request({.run = examples::run_id(1000 + asked)}), at());
  };
  (void)ledger.submit(examples::request({.run = run}), at());
  duplicate(500);
  const Reply started = std::get<Reply>(ledger.submit(StartAttempt{run, sanitize("w")}, at()));
  duplicate(700);
  (void)ledger.submit(FinishAttempt{.run = run, .attempt = AttemptRef{started.attempt, started.token}}, at());
  StoredLog now;
  now.append(ledger);
  RowStore rows(now.log());
  rows.catch_up();
  OperationRun::Row then;
  for (const Envelope& envelope : ledger.events) {
    OperationRun::evolve(then, envelope);
    if (envelope.sequence.value % 97 != 0 && envelope.sequence.value < ledger.events.size() - 2) continue;
    RunFilter filter;
    filter.as_of = envelope.sequence;
    const Result<RunPage> page = rows.list(filter, 10, "");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->rows.size(), 1U);
    EXPECT_EQ(page->rows.front(), then) << envelope.sequence.value;
  }
}

// A page ends when its runs have cost too much, and says how to go on.
TEST(PastList, StopsAfterALimitOfEventsAndGoesOn) {
  MemoryLedger ledger;
  constexpr int kRuns = 40;
  const auto request = [&](int run, int at, std::string_view id) {
    (void)ledger.submit(examples::request({.run = examples::run_id(run), .input = examples::input(id)}),
                        examples::at(at));
  };
  const auto input = [](int run) { return "{\"n\":" + std::to_string(run) + "}"; };
  for (int run = 1; run <= kRuns; ++run) request(run, 1, input(run));
  const Sequence before_last{static_cast<std::uint64_t>(kRuns) * 300};
  for (int i = 1; i <= 300; ++i) {
    for (int run = 1; run <= kRuns; ++run) request(1000 * i + run, 1 + i, input(run));
  }
  StoredLog now;
  now.append(ledger);
  RowStore rows(now.log());
  rows.catch_up();
  RunFilter filter;
  filter.as_of = before_last;
  const Result<RunPage> first = rows.list(filter, RowStore::kPageMax, "");
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->next_cursor);
  // Each run has 300 events then, so the limit is passed by less than one run.
  constexpr std::uint64_t kCost = 300 + kEventsOfAFold;
  EXPECT_EQ(first->rows.size(), (kPastEventsReadMax + kCost - 1) / kCost);
  EXPECT_TRUE(first->reached);
  EXPECT_EQ(list_all(rows, filter, RowStore::kPageMax).size(), static_cast<std::size_t>(kRuns));
}

}  // namespace
}  // namespace runledger
