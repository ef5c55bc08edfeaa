// Tests that totals which are updated with each event equal totals that are counted from scratch.
//
// fold() updates totals event by event, as the rows do. counted() computes the same totals from the final rows and all
// events, without any previous totals. The two must be equal after every event of a_day(), which has runs in every
// state.
#include "projections/folds/statistics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "projections/rows/codec.h"
#include "tests/fixtures/models/history.h"

namespace runledger {
namespace {

using examples::counts;

struct Folded {
  OperationRun::Row row;
  EventTally tally;
};

struct Totals {
  Statistics moved;
  std::map<RunId, Folded> runs;
};

Totals fold(const std::vector<Envelope>& events) {
  Totals totals;
  for (const Envelope& envelope : events) {
    Folded& run = totals.runs[envelope.run];
    std::optional<Standing> before;
    if (run.row.run_version.value != 0) before = standing(run.row);
    OperationRun::evolve(run.row, envelope);
    run.tally.count(envelope);
    evolve(totals.moved, before, run.row, envelope);
  }
  return totals;
}

// Counts the totals from rows and events, without any previous totals.
Statistics counted(const std::vector<Envelope>& events, const std::map<RunId, Folded>& runs) {
  Statistics statistics;
  for (const auto& [id, run] : runs) {
    ++statistics.runs;
    ++statistics.by_status[std::string(to_string(run.row.status))];
    ++statistics.by_outcome[std::string(to_string(run.row.outcome))];
    ++statistics.by_type[run.row.type.str()];
    if (run.row.scope.tenant) ++statistics.by_tenant[run.row.scope.tenant->str()];
    ++statistics.by_attempts[run.row.attempt.value];
    for (const auto& [key, count] : run.row.summary_counts) statistics.summary_counts[key.str()] += count;
    const auto& first = statistics.first_requested_at;
    if (!first || run.row.created_at < *first) statistics.first_requested_at = run.row.created_at;
  }
  for (const Envelope& envelope : events) {
    ++statistics.events_by_kind[std::string(kind_name(envelope.event))];
    if (std::holds_alternative<AttemptStarted>(envelope.event)) ++statistics.attempts;
    if (const auto* deduped = std::get_if<Deduped>(&envelope.event)) {
      ++statistics.deduped[std::string(to_string(deduped->rule))];
    }
    // Recorded times only grow, so the last one counts.
    const auto* finished = std::get_if<AttemptFinished>(&envelope.event);
    if (finished != nullptr && finished->disposition == Disposition::kCompletes &&
        finished->outcome == AttemptOutcome::kSucceeded)
      statistics.last_succeeded_at = envelope.recorded_at;
  }
  return statistics;
}

TEST(StatisticsFold, TotalsOfADayAreThoseThatCountingGives) {
  const History day = a_day();
  std::vector<Envelope> events;
  for (const Envelope& envelope : day.events()) {
    events.push_back(envelope);
    const Totals totals = fold(events);
    ASSERT_EQ(totals.moved, counted(events, totals.runs)) << "after event " << envelope.sequence.value;
  }
}

TEST(StatisticsFold, WholeRunsAddedAtOnceGiveTheSameTotals) {
  const History day = a_day();
  const Totals totals = fold(day.events());
  Statistics added;
  for (const auto& [id, run] : totals.runs) add_run(added, run.row, run.tally);
  EXPECT_EQ(added, totals.moved);
}

TEST(StatisticsFold, SumsOfPartsAreTheTotalsOfTheWhole) {
  const History day = a_day();
  std::map<RunType, std::vector<Envelope>> parts;
  std::map<RunId, RunType> types;
  for (const Envelope& envelope : day.events()) {
    if (const auto* requested = std::get_if<Requested>(&envelope.event)) types[envelope.run] = requested->type;
    parts[types.at(envelope.run)].push_back(envelope);
  }
  ASSERT_GT(parts.size(), 1U);
  Statistics sum;
  for (const auto& [type, events] : parts) add(sum, fold(events).moved);
  EXPECT_EQ(sum, fold(day.events()).moved);
}

TEST(StatisticsFold, CountsOfEarlierAttemptsAreInNoSum) {
  History history;
  history.failed();  // Its attempts report 1, 2 and 3 items.
  EXPECT_EQ(fold(history.events()).moved.summary_counts, (Statistics::Totals{{"processed", 3}}));
}

TEST(StatisticsFold, TotalsThatReachZeroAreAbsent) {
  History history;
  const RunId run = history.request();
  history.start(run);
  const Statistics statistics = fold(history.events()).moved;
  EXPECT_EQ(statistics.by_status, (Statistics::Totals{{"running", 1}}));
  EXPECT_EQ(statistics.by_attempts, (std::map<std::uint32_t, std::uint64_t>{{1, 1}}));
}

TEST(StatisticsFold, ASumStopsAtTheGreatestNumberInsteadOfStartingOver) {
  constexpr std::uint64_t kGreatest = std::numeric_limits<std::uint64_t>::max();
  Statistics sum;
  sum.summary_counts = {{"items", kGreatest - 1}};
  Statistics part;
  part.summary_counts = {{"items", 5}};
  add(sum, part);
  EXPECT_EQ(sum.summary_counts, (Statistics::Totals{{"items", kGreatest}}));
}

// Returns `runs` completed runs, each with 32 count keys that no other run has.
std::vector<OperationRun::Row> rows_of_many_keys(std::size_t runs) {
  std::vector<OperationRun::Row> rows(runs);
  for (std::size_t run = 0; run < runs; ++run) {
    rows[run].type = examples::type("assignments.fetch");
    rows[run].scope = examples::scope("contoso");
    rows[run].status = RunStatus::kCompleted;
    for (std::size_t i = 0; i < kCountKeysMax; ++i)
      rows[run].summary_counts.emplace(*parse_count_key(fmt::format("k{:06}", i * runs + run)), 1);
  }
  return rows;
}

TEST(StatisticsFold, OfMoreKeysThanAGroupKeepsTheLeastOnesStayWhateverTheOrderOfRuns) {
  constexpr std::size_t kRuns = 20;
  std::vector<OperationRun::Row> rows = rows_of_many_keys(kRuns);
  Statistics forwards;
  for (const OperationRun::Row& row : rows) add_run(forwards, row, {});
  Statistics backwards;
  std::reverse(rows.begin(), rows.end());
  for (const OperationRun::Row& row : rows) add_run(backwards, row, {});

  EXPECT_EQ(forwards, backwards);
  EXPECT_EQ(forwards.summary_counts.size(), Statistics::kKeysPerGroupMax);
  EXPECT_EQ(forwards.summary_counts.begin()->first, "k000000");
  EXPECT_EQ(forwards.summary_counts.rbegin()->first, "k000255");
  EXPECT_EQ(forwards.left_out.summary_counts, kRuns * kCountKeysMax - Statistics::kKeysPerGroupMax);
}

TEST(StatisticsFold, KeysThatStayKeepTheirWholeSumBesideKeysThatDoNot) {
  std::vector<OperationRun::Row> rows = rows_of_many_keys(20);
  for (OperationRun::Row& row : rows) row.summary_counts.emplace(*parse_count_key("a"), 3);
  Statistics statistics;
  for (const OperationRun::Row& row : rows) add_run(statistics, row, {});
  EXPECT_EQ(statistics.summary_counts.at("a"), 60U);
}

TEST(StatisticsFold, SumsOfMoreNamesThanTheyKeepSayWhatTheOthersComeTo) {
  const auto group = [](std::size_t number) {
    const std::string name = fmt::format("t{:06}", number);
    Statistics statistics;
    statistics.by_tenant = {{name, 2}};
    statistics.by_scope = {{name, 2}};
    statistics.by_type = {{name, 2}};
    statistics.summary_counts = {{name, 5}};
    statistics.left_out.summary_counts = 1;
    return statistics;
  };
  constexpr std::size_t kGroups = Statistics::kTenantsPerSumMax + 3;
  Statistics sum;
  for (std::size_t i = 0; i < kGroups; ++i) add(sum, group(kGroups - 1 - i));
  EXPECT_EQ(sum.by_tenant.size(), Statistics::kTenantsPerSumMax);
  EXPECT_EQ(sum.by_tenant.rbegin()->first, fmt::format("t{:06}", Statistics::kTenantsPerSumMax - 1));
  EXPECT_EQ(sum.left_out.by_tenant, 6U);
  EXPECT_EQ(sum.by_scope.size(), Statistics::kScopesPerSumMax);
  EXPECT_EQ(sum.left_out.by_scope, 2 * (kGroups - Statistics::kScopesPerSumMax));
  EXPECT_EQ(sum.by_type.size(), Statistics::kTypesPerSumMax);
  EXPECT_EQ(sum.left_out.by_type, 2 * (kGroups - Statistics::kTypesPerSumMax));
  EXPECT_EQ(sum.summary_counts.size(), Statistics::kKeysPerSumMax);
  EXPECT_EQ(sum.left_out.summary_counts, 5 * (kGroups - Statistics::kKeysPerSumMax) + kGroups);
}

// The names have every length that is allowed.
TEST(StatisticsFold, ASumOfAsMuchAsItKeepsFitsIntoAMessage) {
  const auto names = [](std::size_t count, std::size_t length) {
    Statistics::Totals totals;
    for (std::size_t i = 0; i < count; ++i) totals.emplace(fmt::format("n{:0>{}}", i, length - 1), i);
    return totals;
  };
  Statistics sum;
  sum.by_tenant = names(Statistics::kTenantsPerSumMax, 128);
  sum.by_scope = names(Statistics::kScopesPerSumMax, 2 * 128 + 1);
  sum.by_type = names(Statistics::kTypesPerSumMax, 64);
  sum.summary_counts = names(Statistics::kKeysPerSumMax, 64);
  for (std::uint32_t attempts = 0; attempts <= Policy::kAttemptsMax; ++attempts) sum.by_attempts[attempts] = 1;
  sum.left_out = {1, 2, 3, 4};
  EXPECT_EQ(RowCodec::decode_sum(RowCodec::encode_sum(sum)), sum);

  Statistics group;
  group.by_tenant = names(1, 128);
  group.by_type = names(1, 64);
  group.summary_counts = names(Statistics::kKeysPerGroupMax, 64);
  group.by_attempts = sum.by_attempts;
  group.left_out = {1, 2, 3};
  EXPECT_EQ(RowCodec::decode_totals(RowCodec::encode(group)), group);
}

TEST(StatisticsFold, SumsOfZeroAreShownAndThoseThatAreTooLargeStopAtTheGreatest) {
  History history;
  const RunId run = history.request();
  history.finish(run, history.start(run), {.counts = examples::counts({{"failed", 0}, {"items", 3}})});
  const Totals folds = fold(history.events());
  EXPECT_EQ(folds.moved.summary_counts, (Statistics::Totals{{"failed", 0}, {"items", 3}}));
  Statistics again;
  for (const auto& [id, folded] : folds.runs) add_run(again, folded.row, folded.tally);
  EXPECT_EQ(again, folds.moved);
  Statistics sum;
  add(sum, folds.moved);
  EXPECT_EQ(sum.summary_counts, folds.moved.summary_counts);
  sum.summary_counts["items"] = Statistics::kSumMax - 2;
  add(sum, folds.moved);
  EXPECT_EQ(sum.summary_counts.at("items"), Statistics::kSumMax);
}

TEST(StatisticsFold, NamesAScopeByItsWorkspaceAndItsTenant) {
  EXPECT_EQ(scope_name("acme", "north"), "acme/north");
  EXPECT_EQ(scope_name("acme", ""), "acme");
}

TEST(StatisticsFold, RunsOfNoTenantAreInNoTenantsTotal) {
  History history;
  history.request({.scope = examples::workspace_scope()});
  const Statistics statistics = fold(history.events()).moved;
  EXPECT_EQ(statistics.runs, 1U);
  EXPECT_TRUE(statistics.by_tenant.empty());
}

}  // namespace
}  // namespace runledger
