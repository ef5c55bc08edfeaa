// Rows that follow the log by themselves, and the failure that they report when they no longer can.
#include "projections/rows/followed_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
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
