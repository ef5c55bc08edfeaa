// The admission rule, case by case.
#include "ledger/shard/admission.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

ShardOwner owner(std::uint64_t epoch, unsigned char nonce) {
  ShardOwner made{Epoch{epoch}, {}};
  made.nonce.value.bytes.fill(nonce);
  return made;
}

const ShardOwner kFirst = owner(1, 'a');
const ShardOwner kRival = owner(1, 'b');
const ShardOwner kSecond = owner(2, 'c');

struct AdmissionRule : testing::Test {
  Admission state;

  RecordVerdict fence(const ShardOwner& of, std::uint32_t shard = 0) {
    return state.take(ShardFence{of, {LedgerId{}, shard}, "node", "address"});
  }
  ShardCommit next_commit(const ShardOwner& of, std::vector<std::string> events = {"event"}) const {
    return {.owner = of,
            .number = state.commits + 1,
            .first = state.head().next(),
            .root_before = state.tree.root(),
            .events = std::move(events),
            .answers = {}};
  }
};

TEST_F(AdmissionRule, AdmitsTheFirstFenceOfAnEpochAlone) {
  EXPECT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  EXPECT_EQ(fence(kRival), RecordVerdict::kPassedOver);
  EXPECT_EQ(fence(kFirst), RecordVerdict::kPassedOver);
  EXPECT_EQ(state.owner, kFirst);
}

TEST_F(AdmissionRule, AdmitsCommitsOfTheOwnerOneAfterTheOther) {
  ASSERT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  EXPECT_EQ(state.take(next_commit(kFirst, {"1", "2"})), RecordVerdict::kAdmitted);
  EXPECT_EQ(state.take(next_commit(kFirst, {"3"})), RecordVerdict::kAdmitted);
  EXPECT_EQ(state.head(), Sequence{3});
  MerkleFrontier tree;
  for (const char* event : {"1", "2", "3"}) tree.append(event);
  EXPECT_EQ(state.tree, tree);
}

TEST_F(AdmissionRule, PassesOverACopyEvenOfACommitWithoutEvents) {
  ASSERT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  for (const std::vector<std::string>& events : {std::vector<std::string>{"event"}, {}}) {
    const ShardCommit commit = next_commit(kFirst, events);
    EXPECT_EQ(state.take(commit), RecordVerdict::kAdmitted);
    const Admission before = state;
    EXPECT_EQ(state.take(commit), RecordVerdict::kPassedOver);
    EXPECT_EQ(state, before);
  }
}

TEST_F(AdmissionRule, PassesOverEverythingOfADeposedLeader) {
  ASSERT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  const ShardCommit late = next_commit(kFirst);
  ASSERT_EQ(fence(kSecond), RecordVerdict::kAdmitted);
  const Admission before = state;
  EXPECT_EQ(state.take(late), RecordVerdict::kPassedOver);
  EXPECT_EQ(state.take(ShardAlive{kFirst}), RecordVerdict::kPassedOver);
  EXPECT_EQ(state.take(ShardResigned{kFirst}), RecordVerdict::kPassedOver);
  EXPECT_EQ(state, before);
}

TEST_F(AdmissionRule, PassesOverACommitAfterTheResignation) {
  ASSERT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  const ShardCommit late = next_commit(kFirst);
  EXPECT_EQ(state.take(ShardResigned{kFirst}), RecordVerdict::kAdmitted);
  EXPECT_EQ(state.take(late), RecordVerdict::kPassedOver);
  EXPECT_EQ(fence(kSecond), RecordVerdict::kAdmitted);
  EXPECT_EQ(state.take(next_commit(kSecond)), RecordVerdict::kAdmitted);
}

TEST_F(AdmissionRule, CountsTheCommitsOfEachOwnerFromOne) {
  ASSERT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  ASSERT_EQ(state.take(next_commit(kFirst)), RecordVerdict::kAdmitted);
  ASSERT_EQ(fence(kSecond), RecordVerdict::kAdmitted);
  EXPECT_EQ(next_commit(kSecond).number, 1U);
  EXPECT_EQ(state.take(next_commit(kSecond)), RecordVerdict::kAdmitted);
  EXPECT_EQ(state.head(), Sequence{2});
}

TEST_F(AdmissionRule, StopsAtTheFenceOfAnotherShard) {
  EXPECT_EQ(fence(kFirst, 1), RecordVerdict::kForeign);
  EXPECT_EQ(state, Admission{});
}

TEST_F(AdmissionRule, StopsAtARecordOfALeaderWhoseFenceItHasNotRead) {
  EXPECT_EQ(state.take(ShardAlive{kFirst}), RecordVerdict::kDiverged);
  ASSERT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  EXPECT_EQ(state.take(ShardAlive{kRival}), RecordVerdict::kDiverged);
  EXPECT_EQ(state.take(next_commit(kSecond)), RecordVerdict::kDiverged);
}

TEST_F(AdmissionRule, StopsAtACommitAfterOneThatItHasNotRead) {
  ASSERT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  ShardCommit commit = next_commit(kFirst);
  commit.number = 2;
  EXPECT_EQ(state.take(commit), RecordVerdict::kDiverged);
}

TEST_F(AdmissionRule, StopsAtACommitOnAnotherHistory) {
  ASSERT_EQ(fence(kFirst), RecordVerdict::kAdmitted);
  ShardCommit other_root = next_commit(kFirst);
  other_root.root_before.bytes[0] ^= 1U;
  EXPECT_EQ(state.take(other_root), RecordVerdict::kDiverged);
  ShardCommit other_head = next_commit(kFirst);
  other_head.first = Sequence{5};
  EXPECT_EQ(state.take(other_head), RecordVerdict::kDiverged);
  EXPECT_EQ(state.head(), Sequence{0});
}

}  // namespace
}  // namespace runledger
