// Every finding of verify, provoked by an edit of the stored bytes, and checks that nothing else is found.
//
// Every test begins with the same sound ledger: a_day() in memory, appended to a StoredLog, with rows that have
// followed it. A test edits stored bytes (an event, a state, a row, an index, the head), as a fault or a person could,
// and runs verify. found() is the set of the codes of all findings, so that a test also fails on a finding that should
// not be there. Events are replaced in their encoded form, because an editor who knows the format is the hardest case.
#include "projections/verify/verify.h"

#include <capnp/serialize-packed.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <functional>
#include <set>

#include "ledger/log/codec.h"
#include "ledger/log/entries.h"
#include "ledger/log/hash_tiles.h"
#include "ledger/log/scope_trees.h"
#include "ledger/log/state_codec.h"
#include "projections/rows/check.h"
#include "projections/rows/codec.h"
#include "projections/rows/index.h"
#include "projections/rows/list_index.h"
#include "projections/rows/store.h"
#include "projections/rows/table.h"
#include "projections/verify/log_check.h"
#include "projections/verify/state_check.h"
#include "tests/fixtures/data/edited_event.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Codes = std::set<std::string>;

// Returns the same message packed otherwise: as words that are all copied whole.
std::string packed_badly(std::string_view packed) {
  kj::ArrayInputStream in(kj::arrayPtr(reinterpret_cast<const kj::byte*>(packed.data()), packed.size()));
  capnp::PackedMessageReader message(in);
  const auto words = message.getSegment(0).asBytes();
  const std::size_t size = words.size() / sizeof(capnp::word);
  std::string other("\x10", 1);  // The segment table: one segment, and its size.
  other += static_cast<char>(size);
  other += "\xff";
  other.append(reinterpret_cast<const char*>(words.begin()), sizeof(capnp::word));
  other += static_cast<char>(size - 1);
  return other.append(reinterpret_cast<const char*>(words.begin()) + sizeof(capnp::word),
                      words.size() - sizeof(capnp::word));
}

class Verify : public testing::Test {
 protected:
  Verify() : day(a_day()) {
    stored.append(day.ledger());
    RowStore(stored.log()).catch_up();
  }

  VerifyReport verify() { return verify_ledger(stored.log()); }
  Codes found() {
    Codes codes;
    for (const Finding& finding : verify().findings) codes.insert(finding.code);
    return codes;
  }

  [[nodiscard]] const Envelope& event(std::uint64_t sequence) const { return day.events()[sequence - 1]; }
  // Replaces an event, as an editor who knows the format could.
  void change(std::uint64_t sequence, const std::function<void(Envelope&)>& edit) {
    Envelope envelope = event(sequence);
    edit(envelope);
    stored.put(Family::kEvents, event_key(Sequence{sequence}), encode(envelope));
  }
  void change_run(RunId run, const std::function<void(RunState&)>& edit) {
    RunState state = day.ledger().runs.at(run);
    edit(state);
    stored.put(Family::kRuns, bytes_of(run.value), encode_run(state));
  }
  [[nodiscard]] std::uint64_t first_of_kind(std::string_view kind) const {
    for (const Envelope& envelope : day.events()) {
      if (kind_name(envelope.event) == kind) return envelope.sequence.value;
    }
    return 0;
  }

  History day;
  StoredLog stored;
};

const RunId kRun = examples::run_id(3);  // A run of the day that failed after three attempts.

TEST_F(Verify, ASoundLedgerHasNoFindings) {
  const VerifyReport report = verify();
  EXPECT_TRUE(report.ok());
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.events, day.events().size());
  EXPECT_EQ(report.runs, day.ledger().runs.size());
  EXPECT_EQ(report.mirror_rows, std::nullopt);
}

TEST_F(Verify, AnEmptyLedgerHasNoFindings) {
  StoredLog empty;
  const VerifyReport report = verify_ledger(empty.log());
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.events, 0U);
}

TEST_F(Verify, RowsThatAreBehindAreCaughtUpFirst) {
  day.succeeded();
  stored.append(day.ledger());
  EXPECT_EQ(found(), Codes{});
}

TEST_F(Verify, ProgressGoesFromNothingToAll) {
  std::uint64_t last = 0;
  std::uint64_t last_total = 0;
  static_cast<void>(verify_ledger(stored.log(), [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, total);
    last = done;
    last_total = total;
  }));
  EXPECT_EQ(last, last_total);
  EXPECT_GT(last, 0U);
}

TEST_F(Verify, AMissingEventIsNamedAndSoIsItsHoleInRunAndScope) {
  stored.erase(Family::kEvents, event_key(Sequence{2}));
  const VerifyReport report = verify();
  EXPECT_EQ(report.events, day.events().size() - 1);
  EXPECT_THAT(report.findings, Contains(AllOf(testing::Field(&Finding::code, "event.missing"),
                                              testing::Field(&Finding::sequence, Sequence{2}))));
  EXPECT_THAT(found(), IsSupersetOf({"event.missing", "stream.version_gap", "scope.gap", "tree.root_mismatch"}));
}

TEST_F(Verify, EveryMissingEventIsNamedAndTheRestIsStillChecked) {
  for (const std::uint64_t sequence : {2U, 3U, 10U}) stored.erase(Family::kEvents, event_key(Sequence{sequence}));
  change_run(examples::run_id(30), [](RunState& run) { run.requested_at = run.requested_at + Duration{1}; });
  std::set<std::uint64_t> missing;
  bool state = false;
  for (const Finding& finding : verify().findings) {
    if (finding.code == "event.missing") missing.insert(finding.sequence->value);
    state = state || (finding.code == "run_state.differs" && finding.run == examples::run_id(30));
  }
  EXPECT_THAT(missing, ElementsAre(2, 3, 10));
  EXPECT_TRUE(state);
}

TEST_F(Verify, BytesThatAreNoEventAreNamed) {
  for (const std::string& bytes : {std::string("no event"), std::string(), std::string(80, '\xff')}) {
    stored.put(Family::kEvents, event_key(Sequence{5}), bytes);
    EXPECT_THAT(found(), IsSupersetOf({"event.undecodable", "tree.root_mismatch"}));
  }
}

TEST_F(Verify, StopsAtAnEventThatOnlyANewerVersionCanHaveWritten) {
  stored.put(Family::kEvents, event_key(Sequence{5}), newer_in_place_of(event(5)));
  const SeenFailure failure = failure_of([&] { verify(); });
  EXPECT_EQ(failure.code, "ledger.format_newer");
  EXPECT_THAT(failure.what, AllOf(HasSubstr("event 5: "), HasSubstr("found the kind audit-key-rotated")));
}

TEST_F(Verify, AFlippedBitAnywhereInAnEventIsFound) {
  const std::string good = stored.get(Family::kEvents, event_key(Sequence{7})).value();
  for (std::size_t byte = 0; byte < good.size(); ++byte) {
    std::string bad = good;
    bad[byte] = static_cast<char>(bad[byte] ^ 1);
    stored.put(Family::kEvents, event_key(Sequence{7}), bad);
    const VerifyReport report = verify();
    ASSERT_THAT(report.findings, Contains(testing::Field(&Finding::code, "tree.root_mismatch"))) << byte;
  }
}

TEST_F(Verify, BytesThatMeanTheSameButAreNotThoseThatWereWrittenAreNamed) {
  stored.put(Family::kEvents, event_key(Sequence{5}),
             packed_badly(stored.get(Family::kEvents, event_key(Sequence{5})).value()));
  EXPECT_EQ(found(), (Codes{"event.not_canonical", "tree.root_mismatch"}));
}

TEST_F(Verify, TwoEventsInEachOthersPlaceAreNamed) {
  const std::string fourth = stored.get(Family::kEvents, event_key(Sequence{4})).value();
  const std::string fifth = stored.get(Family::kEvents, event_key(Sequence{5})).value();
  stored.put(Family::kEvents, event_key(Sequence{4}), fifth);
  stored.put(Family::kEvents, event_key(Sequence{5}), fourth);
  EXPECT_THAT(found(), IsSupersetOf({"run_index.differs", "scope_index.differs", "tree.root_mismatch"}));
}

TEST_F(Verify, ATimeThatGoesBackIsNamed) {
  change(9, [](Envelope& envelope) { envelope.recorded_at = Time{1}; });
  EXPECT_THAT(found(), IsSupersetOf({"event.time_went_back", "tree.root_mismatch"}));
}

TEST_F(Verify, AChangeThatTheRulesForbidIsNamed) {
  change(first_of_kind("attempt-started"),
         [](Envelope& envelope) { std::get<AttemptStarted>(envelope.event).attempt = AttemptNumber{3}; });
  EXPECT_THAT(found(), IsSupersetOf({"stream.illegal", "tree.root_mismatch"}));
}

TEST_F(Verify, AChangedCountThatBreaksNoRuleIsFoundByTreeAndRow) {
  std::uint64_t finished = 0;
  for (const Envelope& envelope : day.events()) {
    const auto* report = std::get_if<AttemptFinished>(&envelope.event);
    if (report != nullptr && report->disposition == Disposition::kCompletes && !report->summary_counts.empty()) {
      finished = envelope.sequence.value;
    }
  }
  change(finished,
         [](Envelope& envelope) { std::get<AttemptFinished>(envelope.event).summary_counts.begin()->second += 1; });
  EXPECT_EQ(found(), (Codes{"tree.root_mismatch", "row.differs", "statistics.differs"}));
}

TEST_F(Verify, ARunNumberedWithAGapIsNamed) {
  change(day.events().size(), [](Envelope& envelope) { envelope.run_version.value += 1; });
  EXPECT_THAT(found(), IsSupersetOf({"stream.version_gap", "run_index.differs"}));
}

TEST_F(Verify, AScopeNumberedWithAGapIsNamed) {
  change(day.events().size(), [](Envelope& envelope) { envelope.scope_sequence.value += 1; });
  EXPECT_THAT(found(), IsSupersetOf({"scope.gap", "scope_index.differs"}));
}

TEST_F(Verify, ASecondActiveRunOfAnIdentityIsNamed) {
  // The first two requests of the day with the same scope and type get one identity.
  History twice;
  const RunId first = twice.request();
  const RunId second = twice.request();
  const Identity identity = twice.ledger().runs.at(first).identity;
  MemoryLedger forged;
  for (Envelope envelope : twice.events()) {
    if (envelope.run == second) std::get<Requested>(envelope.event).identity = identity;
    forged.events.push_back(envelope);
  }
  StoredLog other;
  other.append(forged);
  const VerifyReport report = verify_ledger(other.log());
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].code, "identity.two_active");
  EXPECT_EQ(report.findings[0].run, second);
  EXPECT_EQ(report.findings[0].sequence, Sequence{2});
}

TEST_F(Verify, AnEditedRunStateIsNamed) {
  change_run(kRun, [](RunState& run) { run.status = RunStatus::kQueued; });
  const VerifyReport report = verify();
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].code, "run_state.differs");
  EXPECT_EQ(report.findings[0].run, kRun);
  EXPECT_NE(report.findings[0].detail.find("found version 8 (queued"), std::string::npos) << report.findings[0].detail;
}

TEST_F(Verify, AMissingRunStateIsNamed) {
  stored.erase(Family::kRuns, bytes_of(kRun.value));
  EXPECT_EQ(found(), Codes{"run_state.missing"});
}

TEST_F(Verify, ARunStateWithoutARunIsNamed) {
  stored.put(Family::kRuns, bytes_of(examples::run_id(777).value), encode_run(day.ledger().runs.at(kRun)));
  EXPECT_EQ(found(), Codes{"run_state.extra"});
}

TEST_F(Verify, AStateIsLeftToEventsOnlyWhereTheyEndWithTheCompletion) {
  std::size_t stored_states = 0;
  for (const auto& [run, state] : day.ledger().runs) {
    if (is_left_to_events(state)) {
      stored.put(Family::kRuns, bytes_of(run.value), encode_run(state));  // A state that is right may stand there.
      continue;
    }
    if (++stored_states == 1) stored.put(Family::kRuns, bytes_of(run.value), "");
  }
  ASSERT_GT(stored_states, 0U);
  ASSERT_LT(stored_states, day.ledger().runs.size());
  EXPECT_EQ(found(), Codes{"run_state.differs"});
}

TEST_F(Verify, ARunStateThatIsNoneIsNamedAndTheOthersAreStillCompared) {
  stored.put(Family::kRuns, bytes_of(kRun.value), "no state");
  change_run(examples::run_id(30), [](RunState& run) { run.version.value += 1; });
  std::set<std::pair<std::string, std::optional<RunId>>> findings;
  for (const Finding& finding : verify().findings) findings.emplace(finding.code, finding.run);
  EXPECT_THAT(findings, UnorderedElementsAre(std::pair("run_state.unreadable", std::optional<RunId>()),
                                             std::pair("run_state.differs", std::optional(kRun)),
                                             std::pair("run_state.differs", std::optional(examples::run_id(30)))));
}

TEST_F(Verify, AnEditedIdentityStateIsNamed) {
  const Identity identity = day.ledger().runs.at(kRun).identity;
  IdentityState state = day.ledger().identities.at(identity);
  state.cooldown_until = Time{1};
  stored.put(Family::kIdentities, bytes_of(identity.digest), encode_identity(state));
  EXPECT_EQ(found(), Codes{"identity_state.differs"});
}

TEST_F(Verify, AMissingIdentityStateIsNamed) {
  stored.erase(Family::kIdentities, bytes_of(day.ledger().runs.at(kRun).identity.digest));
  EXPECT_EQ(found(), Codes{"identity_state.missing"});
}

TEST_F(Verify, AnIdentityStateWithoutARunIsNamed) {
  stored.put(Family::kIdentities, std::string(32, 'x'), encode_identity(day.ledger().identities.begin()->second));
  EXPECT_EQ(found(), Codes{"identity_state.extra"});
}

TEST_F(Verify, AnIdentityStateThatIsNoneIsNamed) {
  stored.put(Family::kIdentities, bytes_of(day.ledger().runs.at(kRun).identity.digest), "no state");
  EXPECT_EQ(found(), (Codes{"identity_state.unreadable", "identity_state.differs"}));
}

TEST_F(Verify, AMissingEntryOfTheRunIndexIsNamed) {
  stored.erase(Family::kRunEvents, run_event_key(kRun, RunVersion{2}));
  EXPECT_EQ(found(), Codes{"run_index.missing"});
}

TEST_F(Verify, AnEntryOfTheRunIndexThatPointsElsewhereIsNamed) {
  stored.put(Family::kRunEvents, run_event_key(kRun, RunVersion{2}), event_key(Sequence{1}));
  EXPECT_EQ(found(), (Codes{"run_index.differs", "run_index.missing"}));
}

TEST_F(Verify, AnEntryOfTheRunIndexThatPointsBeyondTheLogIsNamed) {
  stored.put(Family::kRunEvents, run_event_key(kRun, RunVersion{99}), event_key(Sequence{10'000}));
  stored.put(Family::kRunEvents, run_event_key(kRun, RunVersion{98}), event_key(Sequence{0}));
  EXPECT_EQ(verify().findings_total, 2U);
  EXPECT_EQ(found(), Codes{"run_index.extra"});
}

TEST_F(Verify, AnEntryOfTheRunIndexThatIsNoneIsNamed) {
  stored.put(Family::kRunEvents, "short", event_key(Sequence{1}));
  EXPECT_THAT(found(), Contains("run_index.unreadable"));
}

TEST_F(Verify, FaultsOfTheScopeIndexAreNamed) {
  const std::string entry = scope_event_key(scope_digest(event(2).scope), event(2).scope_sequence);
  stored.put(Family::kScopeEvents, entry, event_key(Sequence{1}));
  EXPECT_EQ(found(), (Codes{"scope_index.differs", "scope_index.missing"}));
  stored.put(Family::kScopeEvents, entry, event_key(Sequence{99'999}));
  EXPECT_EQ(found(), (Codes{"scope_index.extra", "scope_index.missing"}));
  stored.erase(Family::kScopeEvents, entry);
  EXPECT_EQ(found(), Codes{"scope_index.missing"});
  stored.put(Family::kScopeEvents, "short", event_key(Sequence{1}));
  EXPECT_THAT(found(), Contains("scope_index.unreadable"));
}

TEST_F(Verify, FaultsOfTheWorkspaceIndexAreNamed) {
  const ContentDigest workspace = workspace_digest(event(2).scope.workspace);
  const std::string entry = workspace_event_key(workspace, Sequence{2});
  const std::string number = stored.get(Family::kWorkspaceEvents, entry).value();
  stored.put(Family::kWorkspaceEvents, entry, workspace_number(WorkspaceSequence{7}));
  EXPECT_EQ(found(), Codes{"workspace_index.differs"});
  stored.erase(Family::kWorkspaceEvents, entry);
  EXPECT_EQ(found(), (Codes{"workspace_index.differs", "workspace_index.missing"})) << "the next number is too high";
  stored.put(Family::kWorkspaceEvents, entry, number);
  EXPECT_EQ(found(), Codes{});

  const ContentDigest other = workspace_digest(examples::workspace("nobody"));
  stored.put(Family::kWorkspaceEvents, workspace_event_key(other, Sequence{2}), number);
  EXPECT_THAT(found(), Contains("workspace_index.differs"));
  stored.erase(Family::kWorkspaceEvents, workspace_event_key(other, Sequence{2}));
  stored.put(Family::kWorkspaceEvents, workspace_event_key(other, Sequence{99'999}), workspace_number({1}));
  EXPECT_EQ(found(), Codes{"workspace_index.extra"});
  stored.put(Family::kWorkspaceEvents, "short", number);
  EXPECT_THAT(found(), Contains("workspace_index.unreadable"));
}

TEST_F(Verify, AnEditedRowIsNamedWithItsColumns) {
  OperationRun::Row row = RowCodec::decode(kRun, stored.get_derived(row_index::row_key(kRun)).value());
  row.outcome = RunOutcome::kSucceeded;
  row.reason_code.reset();
  stored.put_derived(row_index::row_key(kRun), RowCodec::encode(row));
  const VerifyReport report = verify();
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].code, "row.differs");
  EXPECT_EQ(report.findings[0].run, kRun);
  EXPECT_EQ(report.findings[0].detail,
            R"(outcome: expected "failed", found "succeeded"; reason_code: expected "graph.throttled", found null)");
}

TEST_F(Verify, ARowThatIsNoneIsNamed) {
  stored.put_derived(row_index::row_key(kRun), "no row");
  EXPECT_EQ(found(), Codes{"row.differs"});
}

TEST_F(Verify, AMissingRowAndARowWithoutARunAreNamed) {
  const std::string bytes = stored.get_derived(row_index::row_key(kRun)).value();
  stored.erase_derived(row_index::row_key(kRun));
  EXPECT_EQ(found(), Codes{"row.missing"});
  stored.put_derived(row_index::row_key(kRun), bytes);
  stored.put_derived(row_index::row_key(examples::run_id(777)), bytes);
  EXPECT_EQ(found(), Codes{"row.extra"});
}

TEST_F(Verify, EveryEntryOfTheRowIndexIsMissed) {
  const OperationRun::Row row = RowCodec::decode(kRun, stored.get_derived(row_index::row_key(kRun)).value());
  for (const std::string& entry : row_index::all_entries(row)) {
    stored.erase_derived(entry);
    const VerifyReport report = verify();
    ASSERT_THAT(report.findings, SizeIs(1));
    EXPECT_EQ(report.findings[0].code, "row_index.missing");
    EXPECT_EQ(report.findings[0].run, kRun);
    stored.put_derived(entry, row_index::encode_run(kRun));
  }
  EXPECT_EQ(found(), Codes{});
}

TEST_F(Verify, AMilestoneThatDoesNotLeadToItsEventIsNamed) {
  const RunId run = day.request();
  while (day.last().run_version.value < row_index::kMilestonesAfter.value + 5) (void)day.request_again(run);
  const std::string extra = row_index::milestone_key(run, day.last().run_version);
  (void)day.start(run);
  const std::string key = row_index::milestone_key(run, day.last().run_version);
  stored.append(day.ledger());
  EXPECT_EQ(found(), Codes{});
  const std::string right = stored.get_derived(key).value();
  stored.erase_derived(key);
  EXPECT_EQ(found(), Codes{"row_index.missing"});
  Envelope other;
  other.sequence = Sequence{1};
  other.event = AttemptStarted{};
  stored.put_derived(key, row_index::encode_milestone(other, {}));
  EXPECT_EQ(found(), Codes{"row_index.differs"});
  stored.put_derived(key, right);
  stored.put_derived(extra, right);
  EXPECT_EQ(found(), Codes{"row_index.extra"});
  EXPECT_EQ(verify().findings.front().run, run);
}

TEST_F(Verify, AnEntryOfTheRowIndexTooManyIsNamed) {
  OperationRun::Row row = RowCodec::decode(kRun, stored.get_derived(row_index::row_key(kRun)).value());
  const std::vector<std::string> right = row_index::moving_entries(row);
  row.status = RunStatus::kRunning;
  row.outcome = RunOutcome::kPending;
  std::size_t wrong = 0;
  for (const std::string& entry : row_index::moving_entries(row)) {
    if (std::find(right.begin(), right.end(), entry) != right.end()) continue;
    stored.put_derived(entry, row_index::encode_run(kRun));
    ++wrong;
  }
  ASSERT_GT(wrong, 0U);
  EXPECT_EQ(verify().findings_total, wrong);
  EXPECT_EQ(found(), Codes{"row_index.extra"});
}

TEST_F(Verify, WrongMissingAndSuperfluousTotalsAreNamed) {
  const std::string key = row_index::totals_key(event(1).scope, std::get<Requested>(event(1).event).type);
  const std::string good = stored.get_derived(key).value();
  Statistics totals = RowCodec::decode_totals(good);
  totals.deduped["cooldown"] += 1;
  stored.put_derived(key, RowCodec::encode(totals));
  EXPECT_EQ(found(), Codes{"statistics.differs"});
  stored.erase_derived(key);
  EXPECT_EQ(found(), Codes{"statistics.missing"});
  stored.put_derived(key, good);
  stored.put_derived("gnobody", good);
  EXPECT_EQ(found(), Codes{"statistics.extra"});
}

TEST_F(Verify, RowsThatADamagedLogStopsAreNamed) {
  RowStore rows(stored.log());
  day.succeeded();
  stored.append(day.ledger());
  stored.erase(Family::kEvents, event_key(Sequence{day.events().size()}));
  const VerifyReport report = verify_ledger(stored.log());
  EXPECT_THAT(report.findings, Contains(testing::Field(&Finding::code, "rows.stopped")));
  EXPECT_THAT(report.findings, Contains(testing::Field(&Finding::code, "event.missing")));
}

TEST_F(Verify, TilesThatAreNotThoseOfTheLogAreNamed) {
  const Store& store = stored.log().store();
  HashTiles(store).catch_up(stored.log().head());
  EXPECT_EQ(found(), Codes{});
  const std::string first_tile = "T" + std::string(9, '\0');
  rocksdb::DB& tiles = store.derived(Derived::kTiles).db();
  std::string hashes;
  ASSERT_TRUE(tiles.Get({}, first_tile, &hashes).ok());
  hashes[40] = static_cast<char>(hashes[40] ^ 1);
  ASSERT_TRUE(tiles.Put({}, first_tile, hashes).ok());
  EXPECT_EQ(found(), Codes{"tiles.differ"});
  store.discard_derived(Derived::kTiles);
  EXPECT_EQ(found(), Codes{});
}

TEST_F(Verify, HeadsOfScopesThatDoNotFollowFromTheLogAreNamed) {
  const Store& store = stored.log().store();
  ScopeTrees(store).at_head([this] { return stored.log().head(); }, [](const ScopesAtHead&) {});
  EXPECT_EQ(found(), Codes{});
  rocksdb::DB& scopes = store.derived(Derived::kScopes).db();
  ASSERT_TRUE(scopes.Put({}, "x", "y").ok());
  EXPECT_EQ(found(), Codes{"scopes.differ"});
  store.discard_derived(Derived::kScopes);
  EXPECT_EQ(found(), Codes{});
}

TEST_F(Verify, AHeadThatIsNotTheLogsIsNamed) {
  Head head = stored.log().head();
  head.recorded_at = head.recorded_at + Duration{1};
  VerifyReport report;
  check_log(stored.log(), head, report, {});
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].code, "head.mismatch");

  Head shorter = stored.log().head();
  shorter.tree = MerkleFrontier();
  VerifyReport other;
  check_log(stored.log(), shorter, other, {});
  ASSERT_THAT(other.findings, SizeIs(2));
  EXPECT_EQ(other.findings[0].code, "head.mismatch");
  EXPECT_EQ(other.findings[1].code, "tree.root_mismatch");
}

TEST_F(Verify, AnyBoundOnMemoryFindsTheSame) {
  stored.erase(Family::kEvents, event_key(Sequence{2}));
  stored.erase(Family::kRunEvents, run_event_key(kRun, RunVersion{2}));
  stored.put(Family::kScopeEvents, "short", event_key(Sequence{1}));
  stored.erase(Family::kWorkspaceEvents, workspace_event_key(workspace_digest(event(9).scope.workspace), Sequence{9}));
  change_run(kRun, [](RunState& run) { run.status = RunStatus::kQueued; });
  stored.erase(Family::kIdentities, bytes_of(day.ledger().runs.at(kRun).identity.digest));
  const auto sorted = [](const VerifyReport& report) {
    std::multiset<std::string> findings;
    for (const Finding& finding : report.findings) findings.insert(finding.code + finding.detail);
    return findings;
  };
  const auto check = [&](std::size_t states, std::uint64_t window) {
    VerifyReport report;
    check_log(stored.log(), stored.log().head(), report, {}, window);
    check_run_states(stored.log(), stored.log().last(), report, {}, states);
    check_identity_states(stored.log(), stored.log().last(), report, {}, states);
    return report;
  };
  const VerifyReport whole = check(1000, 1000);
  ASSERT_GT(whole.findings_total, 4U);
  for (const std::size_t bound : {2U, 3U, 5U, 17U}) {
    const VerifyReport parts = check(bound, bound);
    EXPECT_EQ(sorted(parts), sorted(whole)) << bound;
    EXPECT_EQ(parts.runs, whole.runs);
    EXPECT_EQ(parts.events, whole.events);
  }
}

TEST_F(Verify, AnyBoundOnMemoryFindsTheSameOfRows) {
  stored.erase_derived(row_index::row_key(kRun));
  stored.put_derived(row_index::row_key(examples::run_id(777)), "no row");
  stored.put_derived("w strayest", "no id");
  const RowTable families(stored.log());
  const auto check = [&](std::size_t rows_max) {
    std::multiset<std::string> findings;
    const auto runs = check_rows(
        families, nullptr, sound_events(stored.log(), stored.log().last()),
        [&](const RowDifference& difference) { findings.insert(difference.key); }, rows_max);
    EXPECT_EQ(runs, day.ledger().runs.size());
    return findings;
  };
  EXPECT_THAT(check(1000), SizeIs(3));
  for (const std::size_t bound : {2U, 3U, 5U, 17U}) EXPECT_EQ(check(bound), check(1000)) << bound;
}

TEST(VerifyReport, KeepsSoManyFindingsAndCountsTheRest) {
  VerifyReport report;
  for (std::size_t i = 0; i < VerifyReport::kFindingsMax + 7; ++i) report.add({"event.missing", {}, {}, ""});
  EXPECT_EQ(report.findings.size(), VerifyReport::kFindingsMax);
  EXPECT_EQ(report.findings_total, VerifyReport::kFindingsMax + 7);
  EXPECT_FALSE(report.ok());
}

TEST(VerifyTables, AChangedByteThatNoReadMeetsIsFound) {
  LogDirectory here;
  EventMaker maker;
  here.append(maker.next(30));
  check(here.store->db().Flush({}, here.store->family(Family::kEvents)), "flushing");
  ASSERT_THAT(verify_ledger(*here.log).findings, IsEmpty());
  // Releasing the snapshot allows the engine to rewrite a table, and the change in the old file is lost with it.
  rocksdb::DB& db = here.store->db();
  check(db.PauseBackgroundWork(), "pausing");
  std::vector<rocksdb::LiveFileMetaData> tables;
  db.GetLiveFilesMetaData(&tables);
  ASSERT_FALSE(tables.empty());
  for (const rocksdb::LiveFileMetaData& file : tables) {
    const std::filesystem::path table = file.directory + "/" + file.relative_filename;
    std::string changed = read_bytes(table);
    // A byte in the padding of the footer.
    changed[changed.size() - 20] = static_cast<char>(changed[changed.size() - 20] ^ 1);
    write_bytes(table, changed);
  }
  const VerifyReport report = verify_ledger(*here.log);
  check(db.ContinueBackgroundWork(), "going on");
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings.front().code, "tables.damaged");
}

}  // namespace
}  // namespace runledger
