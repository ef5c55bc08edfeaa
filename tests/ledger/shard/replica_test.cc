// Replicas over the engine in memory: they follow, take over, and tell their callers the truth.
#include "ledger/shard/replica.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "ledger/shard/memory_log.h"
#include "tests/fixtures/world/shard_nodes.h"
#include "tests/fixtures/world/troubled_shard_log.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;
using Events = std::vector<std::string>;

struct Replica : testing::Test {
  MemoryShardLog log;
  TroubledShardLog seen_by_a{log};
  ShardNode a{seen_by_a, "a"};

  Replica() { EXPECT_TRUE(a.leads_within(10s)); }

  void put(const ShardRecord& record) {
    log.append(encode_shard_record(record), [](const ShardLog::Appended&) {});
  }
};

TEST_F(Replica, LeadsAnEmptyLogAndCommits) {
  EXPECT_EQ(a.commit("1"), CommitOutcome::kIn);
  EXPECT_EQ(a.commit("2"), CommitOutcome::kIn);
  EXPECT_EQ(a.events(), (Events{"1", "2"}));
  EXPECT_EQ(a->admission().head(), Sequence{2});
}

TEST_F(Replica, FollowsTheLeaderToTheByte) {
  ShardNode b(log, "b", 1);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(a.commit(fmt::format("event {}", i)), CommitOutcome::kIn);
  ASSERT_TRUE(b->wait_for(a->position(), 10s));
  EXPECT_EQ(b.events(), a.events());
  EXPECT_EQ(b->role(), SeatRole::kFollowing);
  EXPECT_EQ(b->leader()->address, "unix:/a");
  EXPECT_EQ(b.commit("mine"), CommitOutcome::kNotIn);
}

TEST_F(Replica, TakesOverFromALeaderThatIsCutOff) {
  ShardNode b(log, "b", 1);
  ASSERT_EQ(a.commit("1"), CommitOutcome::kIn);
  seen_by_a.is_cut_off = true;
  ASSERT_TRUE(b.leads_within(10s));
  EXPECT_EQ(b.commit("2"), CommitOutcome::kIn);
  seen_by_a.is_cut_off = false;
  ASSERT_TRUE(a->wait_for(SeatRole::kFollowing, 10s));
  ASSERT_TRUE(a->wait_for(b->position(), 10s));
  EXPECT_EQ(a.events(), (Events{"1", "2"}));
}

TEST_F(Replica, CommitsNothingAfterItWasDeposed) {
  put(ShardFence{{a->admission().owner.epoch.next(), Nonce{random_uuid()}}, {}, "b", "unix:/b"});
  EXPECT_EQ(a.commit("late"), CommitOutcome::kNotIn);
  EXPECT_EQ(a.events(), Events{});
}

TEST_F(Replica, LearnsByReadingThatACommitIsInThatWasNotAnswered) {
  seen_by_a.loses_answers = true;
  EXPECT_EQ(a.commit("1"), CommitOutcome::kIn);
  EXPECT_EQ(a.events(), Events{"1"});
}

TEST_F(Replica, LearnsFromAFenceThatACommitIsNotIn) {
  seen_by_a.drops_commits = true;
  EXPECT_EQ(a.commit("lost"), CommitOutcome::kNotIn);
  seen_by_a.drops_commits = false;
  EXPECT_EQ(a->admission().owner.epoch, Epoch{2});
  EXPECT_EQ(a.commit("1"), CommitOutcome::kIn);
  EXPECT_EQ(a.events(), Events{"1"});
}

TEST_F(Replica, CommitsNothingThatWasDecidedInAnotherEpoch) {
  seen_by_a.drops_commits = true;
  EXPECT_EQ(a.commit("lost"), CommitOutcome::kNotIn);
  seen_by_a.drops_commits = false;
  ASSERT_EQ(a->leadership(), Epoch{2});
  EXPECT_EQ(a.commit_in(Epoch{1}, "of epoch 1"), CommitOutcome::kNotIn);
  EXPECT_EQ(a.events(), Events{});
}

TEST_F(Replica, RefusesACommitThatNoRecordHasRoomFor) {
  EXPECT_EQ(a.commit(std::string(kShardRecordBytesMax - 300, 'x')), CommitOutcome::kIn);
  EXPECT_EQ(a.commit(std::string(kShardRecordBytesMax, 'x')), CommitOutcome::kTooLarge);
}

TEST_F(Replica, CountsACommitOnceThatTheEngineStoredTwice) {
  seen_by_a.stores_twice = true;
  EXPECT_EQ(a.commit("1"), CommitOutcome::kIn);
  EXPECT_EQ(a.commit("2"), CommitOutcome::kIn);
  EXPECT_EQ(a.events(), (Events{"1", "2"}));
}

TEST_F(Replica, PassesOverWhatIsNoRecord) {
  log.append("{\"not\": \"ours\"}", [](const ShardLog::Appended&) {});
  EXPECT_EQ(a.commit("1"), CommitOutcome::kIn);
  EXPECT_GE(a->passed_over(), 1U);
}

// The replica stops by itself with this code, and commits nothing any more.
void expect_stopped(ShardNode& node, const std::string& code) {
  EXPECT_FALSE(node->wait_for(LogPosition{1'000'000}, 10s));  // Returns when it has stopped.
  EXPECT_EQ(node.stopped_by(), code);
  EXPECT_EQ(node.commit("more"), CommitOutcome::kNotIn);
}

TEST_F(Replica, StopsAtTheLogOfAnotherShard) {
  put(ShardFence{{Epoch{99}, {}}, {LedgerId{random_uuid()}, 0}, "foreign", ""});
  expect_stopped(a, "engine.other_shard");
}

TEST_F(Replica, StopsAtARecordThatCannotFollow) {
  put(ShardAlive{{Epoch{99}, {}}});
  expect_stopped(a, "engine.diverged");
}

TEST_F(Replica, StopsAtADamagedRecord) {
  std::string stored = encode_shard_record(ShardAlive{a->admission().owner});
  stored.back() = static_cast<char>(stored.back() ^ 1);
  log.append(std::move(stored), [](const ShardLog::Appended&) {});
  expect_stopped(a, "engine.damaged");
}

TEST_F(Replica, StopsAtALogThatEndsBeforeWhatItHasRead) {
  ASSERT_EQ(a.commit("1"), CommitOutcome::kIn);
  MemoryShardLog emptied;
  ShardNode restarted(emptied, ShardNode::options_of("a", 0), a->admission(), a->position());
  expect_stopped(restarted, "engine.lost_entries");
}

TEST_F(Replica, StopsWhenItCannotStoreACommit) {
  ReplicaOptions options;
  options.seat = ShardNode::options_of("full", 9);
  options.apply = [](const ShardCommit&, LogPosition) { throw Failure(Remedy::kCallOperator, "storage.full", "full"); };
  std::promise<std::string> stopped;
  options.on_stopped = [&stopped](const Failure& failure) { stopped.set_value(failure.code()); };
  const ShardReplica full(log, {}, {}, std::move(options));
  ASSERT_EQ(a.commit("1"), CommitOutcome::kIn);
  EXPECT_EQ(stopped.get_future().get(), "storage.full");
}

TEST(ReplicaInOrder, HandsItsShardOverWithinHalfASecond) {
  MemoryShardLog log;
  auto leader = std::make_unique<ShardNode>(log, "a");
  ASSERT_TRUE(leader->leads_within(10s));
  SeatOptions patient = ShardNode::options_of("b", 1);
  patient.silence_max = 1h;
  const ShardNode heir(log, patient);
  const auto begun = std::chrono::steady_clock::now();
  leader.reset();
  ASSERT_TRUE(heir.leads_within(10s));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 500ms);
}

}  // namespace
}  // namespace runledger
