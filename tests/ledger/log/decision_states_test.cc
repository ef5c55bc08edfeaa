// The states that decisions read back from the store.
#include "ledger/log/decision_states.h"

#include <gtest/gtest.h>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/log_directory.h"

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

TEST_F(StoredDecisionStates, AnEventThatAStateNamesIsThereOrItIsDamage) {
  const AppendBatch batch = maker_.next(3);
  here_.append(batch);
  EXPECT_EQ(states_.load_event(Sequence{2}), batch.events[1]);
  try {
    (void)states_.load_event(Sequence{4});
    ADD_FAILURE() << "expected a failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), "storage.damaged");
  }
}

}  // namespace
}  // namespace runledger
