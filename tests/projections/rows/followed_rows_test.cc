// Rows that follow the log by themselves, and the failure that they report when they no longer can.
#include "projections/rows/followed_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <stdexcept>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

TEST(FollowedRows, SayThatTheyStandStillWhenWhoeverIsToldOfThemBreaks) {
  TemporaryLedger world;
  FollowedRows rows(world.ledger().log());
  rows.watch([](const std::vector<RowChange>&) { throw std::logic_error("a watch that counts wrong"); });
  (void)world.ledger().sequencer().submit({.command = examples::request({.run = examples::run_id(1)})}).get();
  EXPECT_FALSE(rows.wait_for(Sequence{1}, std::chrono::seconds(30)));
  EXPECT_EQ(rows.stopped_by(), "a watch that counts wrong");
}

TEST(FollowedRows, TellOnceThatTheyHaveStoppedAndWhoAsksLaterAtOnce) {
  TemporaryLedger world;
  std::promise<std::string> told;
  FollowedRows rows(world.ledger().log(),
                    [&](std::string_view code, std::string_view) { told.set_value(std::string(code)); });
  const auto ask = [&](Command command) {
    (void)world.ledger().sequencer().submit({.command = std::move(command)}).get();
  };
  ask(examples::request({.run = examples::run_id(1)}));
  ASSERT_TRUE(rows.wait_for(Sequence{1}, std::chrono::seconds(30)));
  spoil_derived(world.ledger().log().store(), row_index::kRowPrefix);
  ask(StartAttempt{examples::run_id(1), sanitize("w"), {}});
  EXPECT_EQ(told.get_future().get(), "rows.damaged");
  std::string later;
  rows.on_stopped([&](std::string_view code, std::string_view) { later = code; });
  EXPECT_EQ(later, "rows.damaged");
}

// Holds the thread that folds after each of its batches, until it is let go on.
class Held {
 public:
  FollowedRows::Options options() {
    return {.on_stopped = {}, .folded_at_start_max = 0, .on_catching_up = [this](std::uint64_t done, std::uint64_t of) {
              {
                const std::lock_guard lock(mutex_);
                done_ = done;
                of_ = of;
              }
              reached_.count_down();
              (void)released_.get_future().wait_for(std::chrono::seconds(30));
            }};
  }
  // Waits until the first batch is folded.
  void wait() { reached_.wait(); }
  void release() { released_.set_value(); }
  std::pair<std::uint64_t, std::uint64_t> progress() {
    const std::lock_guard lock(mutex_);
    return {done_, of_};
  }

 private:
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  std::uint64_t of_ = 0;
  std::latch reached_{1};
  std::promise<void> released_;
};

TEST(FollowedRows, SayHowFarTheyAreWhileTheyAreMadeAgain) {
  TemporaryLedger world;
  for (int number = 1; number <= 5; ++number)
    (void)world.ledger().sequencer().submit({.command = examples::request({.run = examples::run_id(number)})}).get();
  Held held;
  FollowedRows rows(world.ledger().log(), held.options());
  held.wait();
  ASSERT_TRUE(rows.catching_up());
  EXPECT_EQ(rows.catching_up()->target, Sequence{5});
  EXPECT_EQ(held.progress(), (std::pair<std::uint64_t, std::uint64_t>{5, 5}));
  EXPECT_LT(rows.checkpoint(), Sequence{5});
  held.release();
  EXPECT_TRUE(rows.wait_for(Sequence{5}, std::chrono::seconds(30)));
  EXPECT_FALSE(rows.catching_up());
}

TEST(FollowedRows, CatchUpBeforeTheyServeWhenLittleIsMissing) {
  TemporaryLedger world;
  (void)world.ledger().sequencer().submit({.command = examples::request({.run = examples::run_id(1)})}).get();
  const FollowedRows rows(world.ledger().log());
  EXPECT_FALSE(rows.catching_up());
  EXPECT_EQ(rows.checkpoint(), Sequence{1});
}

// Returns in how many groups the rows folded nine commits that came right after a group.
int groups_of_nine_commits() {
  TemporaryLedger world;
  FollowedRows rows(world.ledger().log());
  std::atomic<int> groups = 0;
  rows.watch([&](const std::vector<RowChange>&) { ++groups; });
  const auto request = [&](int number) {
    (void)world.ledger().sequencer().submit({.command = examples::request({.run = examples::run_id(number)})}).get();
  };
  request(1);
  EXPECT_TRUE(rows.wait_for(Sequence{1}, std::chrono::seconds(30)));
  groups = 0;
  for (int number = 2; number <= 10; ++number) request(number);
  EXPECT_TRUE(rows.wait_for(Sequence{10}, std::chrono::seconds(30)));
  return groups;
}

TEST(FollowedRows, FoldTogetherWhatComesWhileNobodyWaitsForThem) {
  // A machine that stands still in between may split the group, but not every time.
  int least = groups_of_nine_commits();
  for (int tries = 0; tries < 20 && least > 1; ++tries) least = std::min(least, groups_of_nine_commits());
  EXPECT_EQ(least, 1);
}

}  // namespace
}  // namespace runledger
