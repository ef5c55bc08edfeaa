// The states that decisions read back from the store.
#include "ledger/log/decision_states.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "ledger/log/entries.h"
#include "ledger/log/state_codec.h"
#include "ledger/log/store/cursor.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

class StoredDecisionStates : public testing::Test {
 protected:
  LogDirectory here_{LogDirectory::Disk::kMemory};
  DecisionStates states_{*here_.store};
  EventMaker maker_;
};

TEST_F(StoredDecisionStates, StatesAreThoseOfTheLastAppend) {
  const AppendBatch batch = maker_.next(10);
  here_.append(batch);
  const auto& [run, state] = batch.runs.back();
  EXPECT_EQ(states_.load_run(run), state);
  const auto& [identity, holder] = batch.identities.back();
  EXPECT_EQ(states_.load_identity(identity), holder);
  EXPECT_EQ(states_.load_scope(batch.events.back().scope), batch.events.back().scope_sequence);
}

TEST_F(StoredDecisionStates, StatesThatDoNotExistAreDefaultOnes) {
  here_.append(maker_.next(3));
  EXPECT_FALSE(states_.load_run(examples::run_id(999)).exists());
  EXPECT_EQ(states_.load_identity(Identity{}), IdentityState{});
  EXPECT_EQ(states_.load_scope(examples::workspace_scope()), ScopeSequence{0});
  EXPECT_EQ(states_.load_command(CommandId{}), std::nullopt);
  EXPECT_FALSE(states_.load_life_sign(examples::run_id(1)));
}

TEST_F(StoredDecisionStates, AnswersAndHeartbeatsComeBackWithoutMovingTheHead) {
  here_.append(maker_.next(3));
  const CommandRecord record{.content = {}, .answered_at = examples::at(7), .answer = reject("run.not_found", "none")};
  AppendBatch batch;
  batch.commands.emplace_back(CommandId{examples::run_id(8).value}, record);
  const LifeSign sign{ScopeSequence{2}, {examples::at(9), {.boot = 3, .since_boot = Duration{4}}}};
  batch.life_signs.emplace_back(examples::run_id(1), sign);
  here_.append(batch);
  EXPECT_EQ(here_.log->last(), Sequence{3});
  EXPECT_EQ(states_.load_command(CommandId{examples::run_id(8).value}), record);
  EXPECT_EQ(states_.load_life_sign(examples::run_id(1)), sign);
}

// Appends what the ledger decided, with the state of its run.
AppendBatch batch_of(const MemoryLedger& ledger, RunId run) {
  AppendBatch batch;
  batch.events = ledger.events;
  batch.runs.emplace_back(run, ledger.runs.at(run));
  return batch;
}

// Returns the bytes of the run's entry; absent when it has none.
std::optional<std::string> stored_state(const Store& store, RunId run) {
  std::optional<std::string> bytes;
  (void)find_value(store, Family::kRuns, bytes_of(run.value), [&](std::string_view stored) { bytes = stored; });
  return bytes;
}

TEST_F(StoredDecisionStates, TheStateOfACompletedRunIsFoldedFromItsEvents) {
  const AppendBatch batch = maker_.next(3);
  here_.append(batch);
  const auto& [run, state] = batch.runs.back();
  ASSERT_EQ(state.status, RunStatus::kCompleted);
  EXPECT_EQ(stored_state(*here_.store, run), "");
  EXPECT_EQ(states_.load_run(run), state);
}

TEST_F(StoredDecisionStates, ACompletedRunToWhichMoreHappenedHasItsStateStored) {
  const RunId run = examples::run_id(1);
  MemoryLedger ledger;
  (void)ledger.submit(examples::request({.run = run}), examples::at(0));
  const auto started = std::get<Reply>(ledger.submit(StartAttempt{.run = run, .worker = {}}, examples::at(1)));
  (void)ledger.submit(FinishAttempt{.run = run, .attempt = AttemptRef{started.attempt, started.token}},
                      examples::at(2));
  here_.append(batch_of(ledger, run));
  ASSERT_EQ(stored_state(*here_.store, run), "");
  (void)ledger.submit(examples::request({.run = examples::run_id(2)}), examples::at(3));
  ASSERT_TRUE(std::holds_alternative<Deduped>(ledger.events.back().event));
  AppendBatch more;
  more.events.push_back(ledger.events.back());
  more.runs.emplace_back(run, ledger.runs.at(run));
  here_.append(more);
  EXPECT_EQ(stored_state(*here_.store, run), encode_run(ledger.runs.at(run)));
}

TEST_F(StoredDecisionStates, ALongRunHasItsStateStored) {
  RunState state;
  state.version = RunVersion{kEventsLeftMax};
  state.status = RunStatus::kCompleted;
  EXPECT_TRUE(is_left_to_events(state));
  state.version = state.version.next();
  EXPECT_FALSE(is_left_to_events(state));
}

TEST_F(StoredDecisionStates, AnEmptyEntryWithoutEventsIsDamage) {
  const RunId run = examples::run_id(1);
  check(here_.store->db().Put({}, here_.store->family(Family::kRuns), bytes_of(run.value), ""), "a test's write");
  EXPECT_EQ(failure_of([&] { return states_.load_run(run); }).code, "storage.damaged");
}

// Such a run is queued, but not for the retry of which its journal told.
TEST_F(StoredDecisionStates, AnAdoptedRunIsReadAsItWasDecided) {
  const RunId run = examples::run_id(1);
  MemoryLedger ledger;
  (void)ledger.import(examples::request({.run = run}), examples::at(0));
  const auto started = std::get<Reply>(ledger.import(StartAttempt{.run = run, .worker = {}}, examples::at(0)));
  FinishAttempt finish{.run = run, .attempt = AttemptRef{started.attempt, started.token}};
  finish.outcome = AttemptOutcome::kFailed;
  (void)ledger.import(finish, examples::at(1'000));
  ASSERT_TRUE(ledger.runs.at(run).not_before);
  (void)ledger.import(StartAttempt{.run = run, .worker = {}}, examples::at(2'000));
  ASSERT_TRUE(std::holds_alternative<Reply>(ledger.submit(AdoptRun{run}, examples::at(3'000))));
  const RunState decided = ledger.runs.at(run);
  EXPECT_EQ(decided.status, RunStatus::kQueued);
  EXPECT_EQ(decided.not_before, std::nullopt);
  here_.append(batch_of(ledger, run));
  EXPECT_EQ(states_.load_run(run), decided);
}

TEST_F(StoredDecisionStates, ProgressIsThatOfTheOpenAttempt) {
  const RunId run = examples::run_id(1);
  MemoryLedger ledger;
  (void)ledger.submit(examples::request({.run = run}), examples::at(0));
  const auto started = std::get<Reply>(ledger.submit(StartAttempt{.run = run, .worker = {}}, examples::at(0)));
  AppendBatch batch = batch_of(ledger, run);
  const Counts counts = examples::counts({{"items", 7}});
  batch.life_signs.emplace_back(run, LifeSign{.token = started.token, .at = {}, .progress = counts});
  here_.append(batch);
  EXPECT_EQ(states_.load_progress(run), counts);
  AppendBatch other;
  other.life_signs.emplace_back(run, LifeSign{.token = started.token.next(), .at = {}, .progress = counts});
  here_.append(other);
  EXPECT_EQ(states_.load_progress(run), Counts()) << "another attempt said so";
}

}  // namespace
}  // namespace runledger
