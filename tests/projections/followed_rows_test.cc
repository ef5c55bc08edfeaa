// Rows that follow by themselves, and what they tell when they no longer can.
#include "projections/followed_rows.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/fixtures/examples.h"
#include "tests/fixtures/temporary_ledger.h"

namespace runledger {
namespace {

TEST(FollowedRows, SayThatTheyStandStillWhenWhoeverIsToldOfThemBreaks) {
  TemporaryLedger world;
  FollowedRows rows(world.ledger().log());
  rows.watch([](const std::vector<RowChange>&) { throw std::logic_error("a watch that counts wrong"); });
  (void)world.ledger()
      .sequencer()
      .submit({.command = examples::request({.run = examples::run_id(1)}), .id = {}, .occurred_at = {}})
      .get();
  EXPECT_FALSE(rows.wait_for(Sequence{1}, std::chrono::seconds(30)));
  EXPECT_EQ(rows.stopped_by(), "a watch that counts wrong");
}

}  // namespace
}  // namespace runledger
