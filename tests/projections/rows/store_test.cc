// The local rows on a real store: following, opening, totals, rebuilding, and the damage that they report.
//
// The tests begin with a_day() in a StoredLog, whose rows have followed the log once. `followed` keeps all rows and
// indexes at that point, byte by byte. Tests of damage edit the store and call healed(), which requires that a dry run
// changes nothing, that a rebuild restores exactly these bytes, that its counts add up, and that a second rebuild finds
// nothing to do.
#include "projections/rows/store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ledger/base/failure.h"
#include "projections/folds/fold.h"
#include "projections/rows/check.h"
#include "projections/rows/codec.h"
#include "projections/rows/index.h"
#include "projections/rows/list_index.h"
#include "projections/rows/table.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

// The metadata name the ledger.
std::map<std::string, std::string> without_metadata(std::map<std::string, std::string> entries) {
  entries.erase(std::string(row_index::kMetadataKey));
  return entries;
}

class LocalRows : public testing::Test {
 protected:
  LocalRows() : day(a_day()) {
    stored.append(day.ledger());
    RowStore(stored.log()).catch_up();
    followed = dump();
  }

  std::map<std::string, std::string> dump() { return stored.dump_derived(); }
  OperationRun::Row row_of(RunId run) { return fold_run(stored.log(), run, stored.log().last()).value(); }

  OperationRun::Row stored_row(RunId run) {
    return RowCodec::decode(run, stored.get_derived(row_index::row_key(run)).value());
  }

  // Rebuilds after the store was edited, and checks that the rebuild repairs everything, and that a second one has
  // nothing to do. Returns the report.
  RebuildReport healed() {
    RowStore rows(stored.log());
    const auto edited = dump();
    const RebuildReport dry = rows.rebuild(true);
    EXPECT_EQ(dump(), edited) << "a dry run changed the store";
    const RebuildReport report = rows.rebuild(false);
    EXPECT_EQ(dump(), followed);
    EXPECT_EQ(dry.drifted, report.drifted);
    EXPECT_EQ(report.drifted, report.inserted + report.updated + report.deleted);
    EXPECT_EQ(rows.rebuild(false).drifted, 0U);
    return report;
  }

  History day;
  StoredLog stored;
  std::map<std::string, std::string> followed;  // Both families before any edit.
};

using row_index::row_key;

TEST(LocalRowsOfAnEmptyLedger, AreNoneAtAll) {
  StoredLog stored;
  RowStore rows(stored.log());
  rows.catch_up();
  EXPECT_EQ(rows.checkpoint(), Sequence{0});
  EXPECT_TRUE((*rows.list({}, 10, "")).rows.empty());
  EXPECT_EQ(rows.totals({}).statistics, Statistics{});
  EXPECT_EQ(rows.rebuild(false).scanned, 0U);
}

TEST_F(LocalRows, EveryRowIsTheFoldOfItsRun) {
  EXPECT_EQ(RowStore(stored.log()).checkpoint(), stored.log().last());
  for (const auto& [run, state] : day.ledger().runs) EXPECT_EQ(stored_row(run), row_of(run));
  EXPECT_EQ(stored.dump_derived(row_index::kRowPrefix).size(), day.ledger().runs.size());
}

TEST_F(LocalRows, FollowedEventByEventEqualRowsFollowedAtOnceToTheByte) {
  StoredLog slowly;
  RowStore rows(slowly.log());
  for (std::size_t to = 1; to <= day.events().size(); ++to) {
    slowly.append(day.ledger(), to);
    rows.catch_up();
  }
  EXPECT_EQ(without_metadata(slowly.dump_derived()), without_metadata(stored.dump_derived()));
}

TEST_F(LocalRows, FollowALogOfManyBatches) {
  History long_day;
  while (long_day.events().size() < 2 * RowStore::kEventsPerBatchMax + 10) long_day.succeeded();
  StoredLog longer;
  longer.append(long_day.ledger());
  RowStore rows(longer.log());
  std::vector<std::uint64_t> reported;
  rows.catch_up([&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(total, long_day.events().size());
    reported.push_back(done);
  });
  EXPECT_EQ(reported.size(), 3U);
  EXPECT_EQ(reported.back(), long_day.events().size());
  EXPECT_EQ(rows.totals({}).statistics.runs, long_day.ledger().runs.size());
  EXPECT_EQ(rows.rebuild(true).drifted, 0U);
}

TEST_F(LocalRows, AreFoldedInBatchesOfABoundedSize) {
  std::string text;
  while (text.size() < RunInput::kBytesMax - 100) text += "many words ";
  History large;
  for (std::size_t bytes = 0; bytes < 2 * RowStore::kBytesPerBatchMax; bytes += text.size())
    large.request({.input = examples::input(fmt::format(R"({{"at":{},"text":"{}"}})", bytes, text))});
  StoredLog longer;
  longer.append(large.ledger());
  RowStore rows(longer.log());
  int batches = 0;
  rows.catch_up([&](std::uint64_t, std::uint64_t) { ++batches; });
  EXPECT_GE(batches, 2);
  EXPECT_EQ(rows.rebuild(true).drifted, 0U);
}

TEST_F(LocalRows, StandWhereTheyStoodAfterReopening) {
  stored.log().store().derived().flush();
  stored.reopen();
  EXPECT_EQ(RowStore(stored.log()).checkpoint(), stored.log().last());
  EXPECT_EQ(dump(), followed);
}

TEST_F(LocalRows, ThatAreLostWithTheProcessFollowAnew) {
  stored.reopen();
  RowStore rows(stored.log());
  EXPECT_EQ(rows.checkpoint(), Sequence{0});
  rows.catch_up();
  EXPECT_EQ(dump(), followed);
}

TEST_F(LocalRows, ThatAreManyAreKeptAtACleanEnd) {
  History long_day;
  while (long_day.events().size() < 2000) long_day.succeeded();
  StoredLog full;
  full.append(long_day.ledger());
  RowStore(full.log()).catch_up();
  full.reopen();
  EXPECT_EQ(RowStore(full.log()).checkpoint(), full.log().last());
}

TEST_F(LocalRows, OfAnotherRevisionOrLedgerAreRemovedAndFollowFromZero) {
  const LedgerId ours = stored.log().store().ledger_id();
  for (const row_index::Metadata& metadata :
       {row_index::Metadata{OperationRun::kRevision + 1, row_index::kRevision, ours, Sequence{7}},
        row_index::Metadata{OperationRun::kRevision, row_index::kRevision + 1, ours, Sequence{7}},
        row_index::Metadata{OperationRun::kRevision, row_index::kRevision, LedgerId{random_uuid()}, Sequence{7}}}) {
    stored.put_derived(row_index::kMetadataKey, encode(metadata));
    stored.put_derived("an old form of key", "an old form of row");
    RowStore rows(stored.log());
    EXPECT_EQ(rows.checkpoint(), Sequence{0});
    EXPECT_TRUE(stored.dump_derived(row_index::kRowPrefix).empty());
    rows.catch_up();
    EXPECT_EQ(dump(), followed);
  }
}

TEST_F(LocalRows, WithoutMetadataFollowFromZeroToo) {
  stored.erase_derived(row_index::kMetadataKey);
  stored.erase_derived(row_key(examples::run_id(1)));
  RowStore rows(stored.log());
  EXPECT_EQ(rows.checkpoint(), Sequence{0});
  rows.catch_up();
  EXPECT_EQ(dump(), followed);
}

std::string damage_of(const std::function<void()>& act) {
  const SeenFailure failure = failure_of(act);
  EXPECT_EQ(failure.remedy, Remedy::kDamageFound);
  return failure.code;
}

TEST_F(LocalRows, AheadOfTheLogAreDamage) {
  const row_index::Metadata ahead{OperationRun::kRevision, row_index::kRevision, stored.log().store().ledger_id(),
                                  stored.log().last().next()};
  stored.put_derived(row_index::kMetadataKey, encode(ahead));
  EXPECT_EQ(damage_of([&] { RowStore rows(stored.log()); }), "storage.damaged");
}

TEST_F(LocalRows, ThatAreNoRowsAreDamageThatARebuildHeals) {
  const RunId run = examples::run_id(1);
  for (const std::string& broken : {std::string("no row"), std::string(64, '\xff'), std::string()}) {
    stored.put_derived(row_key(run), broken);
    EXPECT_EQ(damage_of([&] { static_cast<void>(RowStore(stored.log()).list({}, 1000, "")); }), "rows.damaged");
    EXPECT_EQ(healed().updated, 1U);
  }
}

TEST_F(LocalRows, WithACheckpointOfAnUnknownFormFollowFromZero) {
  for (const std::string& metadata : {std::string("3"), std::string(), std::string(100, 'x')}) {
    stored.put_derived(row_index::kMetadataKey, metadata);
    RowStore rows(stored.log());
    EXPECT_EQ(rows.checkpoint(), Sequence{0});
    rows.catch_up();
    EXPECT_EQ(dump(), followed);
  }
}

TEST_F(LocalRows, ThatCannotFollowBecauseARowIsBrokenAreMendedByARebuild) {
  const RunId run = day.request();
  stored.append(day.ledger());
  RowStore rows(stored.log());
  rows.catch_up();
  day.start(run);
  stored.append(day.ledger());
  stored.put_derived(row_key(run), "no row");
  EXPECT_EQ(damage_of([&] { rows.catch_up(); }), "rows.damaged");
  EXPECT_EQ(rows.rebuild(false).updated, 1U);
  EXPECT_EQ(rows.checkpoint(), stored.log().last());
  EXPECT_EQ(stored_row(run), row_of(run));
  EXPECT_EQ(rows.rebuild(false).drifted, 0U);
}

TEST_F(LocalRows, ThatAreNoRowsGiveOneAdvice) {
  stored.put_derived(row_key(examples::run_id(1)), "no row");
  const SeenFailure failure = failure_of([&] { return RowStore(stored.log()).list({}, 1000, ""); });
  EXPECT_THAT(failure.what, testing::HasSubstr("runledger rebuild"));
  EXPECT_THAT(failure.what, testing::Not(testing::HasSubstr("backup")));
}

TEST_F(LocalRows, WhoseTotalsAreNoneAreDamageThatARebuildHeals) {
  const std::string key = row_index::totals_key({examples::workspace("acme"), examples::tenant("tenant-1")},
                                                examples::type("assignments.fetch"));
  stored.put_derived(key, "no totals");
  EXPECT_EQ(damage_of([&] { static_cast<void>(RowStore(stored.log()).totals({})); }), "rows.damaged");
  EXPECT_EQ(healed().updated, 1U);
}

TEST_F(LocalRows, WhoseEntriesHaveTheWrongLengthAreDamageThatARebuildHeals) {
  for (const char* entry : {"xs00x", "xs00 much longer than any entry"}) {
    stored.put_derived(entry, row_index::encode_run(examples::run_id(1)));
    EXPECT_EQ(damage_of([&] { static_cast<void>(RowStore(stored.log()).list({}, 1000, "")); }), "rows.damaged")
        << entry;
    EXPECT_EQ(healed().updated, 1U);
  }
}

TEST_F(LocalRows, TotalsOfEveryGroupAreThoseOfItsRuns) {
  struct Group {
    Statistics naive;
    std::map<RunId, std::pair<OperationRun::Row, EventTally>> runs;
  };
  RowStore rows(stored.log());
  const std::optional<Workspace> workspaces[] = {std::nullopt, examples::workspace("acme"),
                                                 examples::workspace("nobody")};
  const std::optional<Tenant> tenants[] = {std::nullopt, examples::tenant("tenant-1"), examples::tenant("tenant-4")};
  const std::optional<RunType> types[] = {std::nullopt, examples::type("assignments.restore")};
  for (const auto& workspace : workspaces) {
    for (const auto& tenant : tenants) {
      for (const auto& type : types) {
        const RunFilter filter{workspace, tenant, type, {}, {}, {}, {}};
        std::map<RunId, std::pair<OperationRun::Row, EventTally>> runs;
        for (const Envelope& envelope : day.events()) {
          OperationRun::evolve(runs[envelope.run].first, envelope);
          runs[envelope.run].second.count(envelope);
        }
        Statistics expected;
        for (const auto& [run, folded] : runs) {
          const OperationRun::Row& row = folded.first;
          if (!row_index::matches(row, filter)) continue;
          add_run(expected, row, folded.second);
          const std::string tenant_name = row.scope.tenant ? row.scope.tenant->str() : "";
          ++expected.by_scope[scope_name(row.scope.workspace.str(), tenant_name)];
        }
        EXPECT_EQ(rows.totals(filter).statistics, expected);
      }
    }
  }
}

// A hundred days of events, followed at once, in small steps, and from an earlier end.
TEST(LocalRollups, AreTheSameHoweverTheyFollowedTheLog) {
  History history;
  for (int i = 0; i < 300; ++i) {
    history.succeeded();
    history.failed();
    history.wait(std::chrono::hours(8));
  }
  std::vector<std::map<std::string, std::string>> kept;
  for (const std::size_t step : {std::size_t{100'000}, std::size_t{37}, std::size_t{1000}}) {
    StoredLog stored;
    RowStore rows(stored.log());
    for (std::size_t from = 0; from < history.events().size(); from += step) {
      stored.append(history.ledger(), std::min(from + step, history.events().size()));
      rows.catch_up();
    }
    std::map<std::string, std::string>& rollups = kept.emplace_back();
    const RowTable table(stored.log());
    table.visit(row_index::kRollupPrefix, prefix_end(row_index::kRollupPrefix), nullptr,
                [&](std::string_view key, std::string_view value) {
                  rollups.emplace(key, value);
                  return Scan::kContinue;
                });
    EXPECT_EQ(rows.rebuild(true).drifted, 0U);
  }
  EXPECT_EQ(kept[0], kept[1]);
  EXPECT_EQ(kept[0], kept[2]);
  std::map<row_index::Grain, std::size_t> of_grain;
  for (const auto& [key, value] : kept[0]) ++of_grain[row_index::parse_rollup_key(key)->grain];
  const Time head = history.last().recorded_at;
  for (const auto& [key, value] : kept[0]) {
    const auto parsed = row_index::parse_rollup_key(key);
    EXPECT_GE(parsed->start, row_index::kept_from(parsed->grain, head));
  }
  EXPECT_GT(of_grain[row_index::Grain::kDay], 3U * 95U);
  EXPECT_LT(of_grain[row_index::Grain::kHour], 3U * 2U * 3U * 100U);
  EXPECT_GT(of_grain[row_index::Grain::kMinute], 20U);
}

TEST(LocalRollups, OfARunInSeveralPartsOfACheckCountOnce) {
  History history;
  for (int i = 0; i < 30; ++i) history.succeeded();
  StoredLog stored;
  stored.append(history.ledger());
  RowStore rows(stored.log());
  rows.catch_up();
  const RowTable table(stored.log());
  std::size_t differences = 0;
  check_rows(
      table, nullptr, sound_events(stored.log(), stored.log().last()), [&](const RowDifference&) { ++differences; }, 4);
  EXPECT_EQ(differences, 0U);
}

// The keys take 1.2 MB, which is more than a stored value may have.
TEST(LocalRowsOfACallerWhoMakesUpKeys, FollowOnForEverybody) {
  constexpr std::size_t kRuns = 420;
  History history;
  for (std::size_t run = 0; run < kRuns; ++run) {
    AttemptReport report;
    for (std::size_t i = 0; i < kCountKeysMax; ++i)
      report.counts.emplace(*parse_count_key(fmt::format("k{:0>59}", run * kCountKeysMax + i)), 1);
    const RunId id = history.request();
    history.finish(id, history.start(id), report);
  }
  StoredLog stored;
  stored.append(history.ledger());
  RowStore rows(stored.log());
  rows.catch_up();
  history.succeeded();
  stored.append(history.ledger());
  rows.catch_up();

  const Statistics statistics = rows.totals({}).statistics;
  EXPECT_EQ(statistics.runs, kRuns + 1);
  EXPECT_EQ(statistics.summary_counts.size(), Statistics::kKeysPerGroupMax);
  EXPECT_EQ(statistics.left_out.summary_counts, kRuns * kCountKeysMax + 20 - Statistics::kKeysPerGroupMax);
  EXPECT_EQ(rows.rebuild(false).drifted, 0U);

  StoredLog slowly;
  RowStore followed_slowly(slowly.log());
  for (std::size_t to = 100; to < history.events().size(); to += 100) {
    slowly.append(history.ledger(), to);
    followed_slowly.catch_up();
  }
  slowly.append(history.ledger());
  followed_slowly.catch_up();
  EXPECT_EQ(without_metadata(slowly.dump_derived()), without_metadata(stored.dump_derived()));
}

// A reader at the same time as the follower.
TEST(LocalRowsThatAreReadMeanwhile, TotalsCountExactlyTheEventsUpToTheirHead) {
  History day;
  while (day.events().size() < 3'000) day.succeeded();
  StoredLog slowly;
  RowStore rows(slowly.log());
  std::atomic<bool> ended = false;
  std::thread reader([&] {
    while (!ended) {
      const LedgerTotals totals = rows.totals({});
      std::uint64_t counted = 0;
      for (const auto& [kind, total] : totals.statistics.events_by_kind) counted += total;
      EXPECT_EQ(counted, totals.head.value);
    }
  });
  for (const Envelope& envelope : day.events()) {
    AppendBatch batch;  // The batch has no states, because rows do not need them and they make a long log expensive.
    batch.events = {envelope};
    (void)slowly.log().append(batch);
    rows.catch_up();
  }
  ended = true;
  reader.join();
}

TEST_F(LocalRows, ThatAreSoundAreLeftAloneByARebuild) {
  const RebuildReport report = healed();
  EXPECT_EQ(report.scanned, day.ledger().runs.size());
  EXPECT_EQ(report.drifted, 0U);
}

TEST_F(LocalRows, ARebuildCatchesUpFirst) {
  day.succeeded();
  stored.append(day.ledger());
  RowStore rows(stored.log());
  EXPECT_EQ(rows.rebuild(false).drifted, 0U);
  EXPECT_EQ(rows.checkpoint(), stored.log().last());
}

TEST_F(LocalRows, ARebuildPutsBackAMissingRowAndItsEntries) {
  const OperationRun::Row row = row_of(examples::run_id(3));
  stored.erase_derived(row_key(row.id));
  for (const std::string& entry : row_index::all_entries(row)) stored.erase_derived(entry);
  const RebuildReport report = healed();
  EXPECT_EQ(report.inserted, 1U);
  EXPECT_EQ(report.drifted, 1U);
}

TEST_F(LocalRows, ARebuildPutsRightAChangedRow) {
  OperationRun::Row row = row_of(examples::run_id(3));
  row.summary_counts = examples::counts({{"processed", 4711}});
  stored.put_derived(row_key(row.id), RowCodec::encode(row));
  const RebuildReport report = healed();
  EXPECT_EQ(report.updated, 1U);
  EXPECT_EQ(report.drifted, 1U);
}

TEST_F(LocalRows, ARebuildRemovesARowThatNoEventMade) {
  OperationRun::Row row = row_of(examples::run_id(3));
  row.id = examples::run_id(777);
  row.first_sequence = Sequence{100'000};
  stored.put_derived(row_key(row.id), RowCodec::encode(row));
  for (const std::string& entry : row_index::all_entries(row)) stored.put_derived(entry, row_index::encode_run(row.id));
  stored.put_derived("no id", "no row");
  const RebuildReport report = healed();
  EXPECT_EQ(report.deleted, 2U);
  EXPECT_EQ(report.drifted, 2U);
}

TEST_F(LocalRows, ARebuildPutsRightAnEntryThatNamesAnotherRun) {
  // Tests both orders of the ids: a correction for one run must not be undone for the other.
  const OperationRun::Row row = row_of(examples::run_id(3));
  for (const RunId other : {examples::run_id(1), examples::run_id(5), examples::run_id(888'888)}) {
    stored.put_derived(row_index::all_entries(row).front(), row_index::encode_run(other));
    EXPECT_GE(healed().updated, 1U);
  }
}

TEST_F(LocalRows, ARebuildRemovesEntriesOfNothing) {
  stored.put_derived("xs01 stray", row_index::encode_run(examples::run_id(3)));
  stored.put_derived("xs01 strayer", row_index::encode_run(examples::run_id(777)));
  stored.put_derived("w strayest", "no id");
  stored.put_derived("a key of no kind", "nothing");
  const RebuildReport report = healed();
  EXPECT_EQ(report.updated, 1U);
  EXPECT_EQ(report.deleted, 3U);
}

TEST_F(LocalRows, ARebuildPutsRightMilestones) {
  const RunId run = day.request();
  while (day.last().run_version.value < row_index::kMilestonesAfter.value + 5) (void)day.request_again(run);
  const RunVersion none = day.last().run_version;
  const AttemptRef attempt = day.start(run);
  const std::string started = row_index::milestone_key(run, day.last().run_version);
  (void)day.finish(run, attempt);
  const std::string finished = row_index::milestone_key(run, day.last().run_version);
  stored.append(day.ledger());
  RowStore(stored.log()).catch_up();
  followed = dump();
  ASSERT_TRUE(followed.contains(started) && followed.contains(finished));
  Envelope other;
  other.sequence = Sequence{1};
  other.event = AttemptStarted{};
  const std::string wrong = row_index::encode_milestone(other, {});
  const auto is_one_run = [this](std::uint64_t RebuildReport::*how) {
    const RebuildReport report = healed();
    return report.*how == 1 && report.drifted == 1;
  };

  stored.erase_derived(started);
  EXPECT_TRUE(is_one_run(&RebuildReport::updated)) << "missing";
  stored.put_derived(started, wrong);
  EXPECT_TRUE(is_one_run(&RebuildReport::updated)) << "another position";
  stored.put_derived(row_index::milestone_key(run, none), wrong);
  EXPECT_TRUE(is_one_run(&RebuildReport::updated)) << "extra";
  stored.erase_derived(started);
  stored.put_derived(finished, wrong);
  stored.put_derived(row_index::milestone_key(run, none), wrong);
  EXPECT_TRUE(is_one_run(&RebuildReport::updated)) << "all of them in one run";

  OperationRun::Row stray = row_of(examples::run_id(3));
  stray.id = examples::run_id(777'777);
  const auto put_strays = [&] {
    for (const std::uint32_t version : {201U, 202U, 203U})
      stored.put_derived(row_index::milestone_key(stray.id, RunVersion{version}), wrong);
  };
  put_strays();
  EXPECT_TRUE(is_one_run(&RebuildReport::deleted)) << "of a run that the log does not have";
  put_strays();
  stored.put_derived(row_key(stray.id), RowCodec::encode(stray));
  EXPECT_TRUE(is_one_run(&RebuildReport::deleted)) << "and whose row is there";
}

TEST_F(LocalRows, ARebuildPutsRightTotals) {
  const auto totals = row_index::totals_key({examples::workspace("acme"), examples::tenant("tenant-1")},
                                            examples::type("assignments.fetch"));
  ASSERT_TRUE(stored.get_derived(totals));
  Statistics wrong;
  wrong.runs = 4711;
  stored.put_derived(totals, RowCodec::encode(wrong));
  EXPECT_EQ(healed().updated, 1U);
  stored.erase_derived(totals);
  EXPECT_EQ(healed().inserted, 1U);
  stored.put_derived("gnobody", RowCodec::encode(wrong));
  EXPECT_EQ(healed().deleted, 1U);
}

TEST_F(LocalRows, ARebuildNeverFoldsADamagedLog) {
  stored.erase(Family::kEvents, std::string("\0\0\0\0\0\0\0\x05", 8));
  RowStore rows(stored.log());
  EXPECT_EQ(damage_of([&] { rows.rebuild(false); }), "storage.damaged");
  EXPECT_EQ(dump(), followed);
}

TEST(StoredRow, IsReadAsItWasWrittenWithEveryFieldSet) {
  OperationRun::Row row;
  row.id = examples::run_id(1);
  row.scope = examples::scope();
  row.type = examples::type();
  row.status = RunStatus::kCompleted;
  row.outcome = RunOutcome::kCancelled;
  row.identity = examples::request({.run = row.id}).identity;
  row.attempt = AttemptNumber{2};
  row.max_attempts = 3;
  row.deduped_count = 4;
  row.initiator = sanitize("");  // Present, but empty.
  row.reason_code = examples::reason();
  row.summary_counts = examples::counts({{"a", 0}, {"b", kCountMax}});
  row.held_counts = examples::counts({{"c", 5}});
  row.failures = {examples::failure(), examples::failure("a.b", "")};
  row.context = examples::input(R"({"x":[1,{"y":"ü"}]})");
  row.requested_at = examples::at(1);
  row.started_at = Time{0};  // 1970 is a known time, and not an absent one.
  row.completed_at = examples::at(3);
  row.created_at = examples::at(4);
  row.updated_at = examples::at(5);
  row.run_version = RunVersion{6};
  row.first_sequence = Sequence{7};
  row.last_sequence = Sequence{8};
  EXPECT_EQ(RowCodec::decode(row.id, RowCodec::encode(row)), row);
  EXPECT_EQ(RowCodec::encode(RowCodec::decode(row.id, RowCodec::encode(row))), RowCodec::encode(row));
}

TEST(StoredRow, IsReadAsItWasWrittenWithNoFieldSet) {
  const OperationRun::Row row;
  EXPECT_EQ(RowCodec::decode(row.id, RowCodec::encode(row)), row);
  EXPECT_EQ(RowCodec::decode_totals(RowCodec::encode(Statistics{})), Statistics{});
}

}  // namespace
}  // namespace runledger
