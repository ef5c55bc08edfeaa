// When a seat bids, speaks and resigns.
#include "ledger/shard/seat.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

using namespace std::chrono_literals;

struct Seat : testing::Test {
  ShardSeat::Steady::time_point now{};
  SeatOptions options;
  std::uint64_t end = 0;

  Seat() {
    options.node = "node-a";
    options.make_nonce = [n = 0]() mutable {
      Nonce nonce;
      nonce.value.bytes[0] = static_cast<unsigned char>(++n);
      return nonce;
    };
  }
  ShardSeat make() const { return {options, {}, {}, now}; }

  // The engine stores the record and answers at once; the seat takes it in.
  RecordVerdict store(ShardSeat& seat, const ShardRecord& record) {
    seat.answered(LogPosition{++end}, now);
    return seat.take(LogPosition{end}, record, now);
  }
  ShardSeat leading() {
    ShardSeat seat = make();
    EXPECT_EQ(store(seat, seat.next(now).value()), RecordVerdict::kAdmitted);
    EXPECT_EQ(seat.role(), SeatRole::kLeading);
    return seat;
  }
  // Another node's bid takes effect.
  void depose(ShardSeat& seat) {
    const ShardOwner other{seat.admission().owner.epoch.next(), Nonce{random_uuid()}};
    EXPECT_EQ(seat.take(LogPosition{++end}, ShardFence{other, {}, "node-b", "tls:b:1"}, now), RecordVerdict::kAdmitted);
  }
};

TEST_F(Seat, BidsAtOnceForAShardThatNobodyHasLed) {
  ShardSeat seat = make();
  const auto fence = seat.next(now);
  ASSERT_TRUE(fence && std::holds_alternative<ShardFence>(*fence));
  EXPECT_EQ(owner_of(*fence).epoch, Epoch{1});
  EXPECT_EQ(seat.role(), SeatRole::kBidding);
  EXPECT_EQ(seat.next(now + 1h), std::nullopt);  // Its append is under way.
}

TEST_F(Seat, WaitsForItsRank) {
  options.rank = 2;
  ShardSeat seat = make();
  EXPECT_EQ(seat.next(now + 599ms), std::nullopt);
  EXPECT_TRUE(seat.next(now + 600ms));
}

TEST_F(Seat, BidsWhenTheLeaderHasBeenSilentForTooLong) {
  ShardSeat seat = make();
  depose(seat);
  EXPECT_EQ(seat.role(), SeatRole::kFollowing);
  EXPECT_EQ(seat.fence()->node, "node-b");
  EXPECT_FALSE(seat.is_due_to_bid(now + 1499ms));
  EXPECT_TRUE(seat.is_due_to_bid(now + 1500ms));
  now += 1400ms;
  EXPECT_EQ(seat.take(LogPosition{++end}, ShardAlive{seat.admission().owner}, now), RecordVerdict::kAdmitted);
  EXPECT_FALSE(seat.is_due_to_bid(now + 1499ms));
  seat.lose_sight(now + 1s);
  EXPECT_FALSE(seat.is_due_to_bid(now + 2499ms));
}

TEST_F(Seat, TakesOverAtOnceWhenTheLeaderResigns) {
  ShardSeat seat = make();
  depose(seat);
  EXPECT_EQ(seat.take(LogPosition{++end}, ShardResigned{seat.admission().owner}, now), RecordVerdict::kAdmitted);
  EXPECT_TRUE(seat.is_due_to_bid(now));
}

TEST_F(Seat, ThatMayNotLeadNeverBids) {
  options.may_lead = false;
  EXPECT_EQ(make().next(now + 1h), std::nullopt);
}

TEST_F(Seat, SaysThatItIsAliveWhenItHasNothingToCommit) {
  ShardSeat seat = leading();
  EXPECT_EQ(seat.next(now + 499ms), std::nullopt);
  now += 500ms;
  const auto sign = seat.next(now);
  ASSERT_TRUE(sign && std::holds_alternative<ShardAlive>(*sign));
  EXPECT_EQ(store(seat, *sign), RecordVerdict::kAdmitted);
  EXPECT_EQ(seat.next(now + 499ms), std::nullopt);
}

TEST_F(Seat, ResignsOnceItsCommitIsDecided) {
  ShardSeat seat = leading();
  const ShardCommit commit = seat.begin({"event"}, {});
  seat.step_down();
  EXPECT_EQ(seat.next(now), std::nullopt);
  EXPECT_EQ(store(seat, commit), RecordVerdict::kAdmitted);
  EXPECT_EQ(seat.fate(), CommitFate::kIn);
  EXPECT_FALSE(seat.can_commit());
  const auto resignation = seat.next(now);
  ASSERT_TRUE(resignation && std::holds_alternative<ShardResigned>(*resignation));
  EXPECT_EQ(store(seat, *resignation), RecordVerdict::kAdmitted);
  EXPECT_EQ(seat.role(), SeatRole::kFollowing);
  EXPECT_EQ(seat.next(now + 1h), std::nullopt);
}

TEST_F(Seat, WritesAFenceWhenACommitWasNotAnswered) {
  ShardSeat seat = leading();
  const ShardCommit commit = seat.begin({"event"}, {});
  seat.answered({}, now);
  EXPECT_EQ(seat.fate(), CommitFate::kOpen);
  EXPECT_EQ(seat.next(now), std::nullopt);  // The engine gets a moment.
  now += options.alive_every;
  const auto fence = seat.next(now);
  ASSERT_TRUE(fence && std::holds_alternative<ShardFence>(*fence));
  EXPECT_EQ(store(seat, *fence), RecordVerdict::kAdmitted);
  EXPECT_EQ(seat.fate(), CommitFate::kNotIn);
  EXPECT_EQ(seat.role(), SeatRole::kLeading);
  EXPECT_EQ(seat.take(LogPosition{++end}, commit, now), RecordVerdict::kPassedOver);  // It arrives after all.
  EXPECT_EQ(seat.admission().head(), Sequence{});
}

TEST_F(Seat, LosesACommitThatComesAfterTheFenceOfAnother) {
  ShardSeat seat = leading();
  const ShardCommit commit = seat.begin({"event"}, {});
  depose(seat);
  EXPECT_EQ(seat.fate(), CommitFate::kNotIn);
  EXPECT_EQ(store(seat, commit), RecordVerdict::kPassedOver);
  EXPECT_EQ(seat.fate(), CommitFate::kNotIn);
  EXPECT_FALSE(seat.can_commit());
}

TEST_F(Seat, DoesNotBidAgainBeforeItHasReadUpToItsFence) {
  ShardSeat seat = make();
  const auto fence = seat.next(now);
  seat.answered(LogPosition{5}, now);
  EXPECT_EQ(seat.known_end(), LogPosition{5});
  EXPECT_FALSE(seat.is_due_to_bid(now + 1h));
  for (std::uint64_t position = 1; position < 5; ++position) {
    EXPECT_EQ(seat.take(LogPosition{position}, std::nullopt, now), RecordVerdict::kPassedOver);
  }
  EXPECT_EQ(seat.take(LogPosition{5}, fence, now), RecordVerdict::kAdmitted);
  EXPECT_EQ(seat.role(), SeatRole::kLeading);
  EXPECT_EQ(seat.passed_over(), 4U);
}

}  // namespace
}  // namespace runledger
