// The stored entries, shown one by one, whether they are whole or damaged.
#include "ledger/log/log_inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "ledger/log/decision_states.h"
#include "ledger/log/entries.h"
#include "ledger/log/state_codec.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

class InspectedLog : public testing::Test {
 protected:
  void append(std::size_t count) {
    const AppendBatch made = maker_.next(count);
    events_ = made.events;
    here_.append(made);
  }

  LogDirectory here_{LogDirectory::Disk::kMemory};
  LogInspection inspection_{*here_.store};
  EventMaker maker_;
  std::vector<Envelope> events_;
};

TEST_F(InspectedLog, IndexesPointToEveryEventOnce) {
  append(30);
  std::vector<Sequence> of_runs;
  std::vector<Sequence> of_scopes;
  inspection_.visit_run_events([&](RunId run, RunVersion version, Sequence sequence) {
    EXPECT_EQ(events_[sequence.value - 1].run, run);
    EXPECT_EQ(events_[sequence.value - 1].run_version, version);
    of_runs.push_back(sequence);
  });
  inspection_.visit_scope_events([&](const ContentDigest& scope, ScopeSequence number, Sequence sequence) {
    EXPECT_EQ(scope_digest(events_[sequence.value - 1].scope), scope);
    EXPECT_EQ(events_[sequence.value - 1].scope_sequence, number);
    of_scopes.push_back(sequence);
  });
  std::vector<Sequence> all;
  for (const Envelope& event : events_) all.push_back(event.sequence);
  EXPECT_THAT(of_runs, testing::UnorderedElementsAreArray(all));
  EXPECT_THAT(of_scopes, testing::UnorderedElementsAreArray(all));
}

TEST_F(InspectedLog, VisitsShowEveryState) {
  append(29);
  std::size_t runs = 0;
  std::size_t identities = 0;
  inspection_.visit_runs([&](RunId run, const std::optional<RunState>& state) {
    const RunState loaded = DecisionStates(*here_.store).load_run(run);
    EXPECT_EQ(state, is_left_to_events(loaded) ? std::nullopt : std::optional(loaded));
    ++runs;
  });
  inspection_.visit_identities([&](const Identity& identity, const IdentityState& state) {
    EXPECT_EQ(DecisionStates(*here_.store).load_identity(identity), state);
    ++identities;
  });
  EXPECT_EQ(runs, 10U);
  EXPECT_EQ(identities, 10U);
}

TEST_F(InspectedLog, ScanStoredPassesOverGapsAndDamage) {
  append(10);
  rocksdb::ColumnFamilyHandle* events = here_.store->family(Family::kEvents);
  check(here_.store->db().Delete({}, events, event_key(Sequence{4})), "a test's write");
  check(here_.store->db().Put({}, events, event_key(Sequence{6}), "garbage"), "a test's write");
  std::vector<std::uint64_t> seen;
  inspection_.scan_stored(Sequence{2}, Sequence{8}, [&](Sequence position, std::string_view stored) {
    EXPECT_EQ(stored == "garbage", position.value == 6);
    seen.push_back(position.value);
  });
  EXPECT_THAT(seen, testing::ElementsAre(3, 5, 6, 7, 8));
}

}  // namespace
}  // namespace runledger
