// Rows that follow the log by themselves, and the failure that they report when they no longer can.
#include "projections/rows/followed_rows.h"

#include <gtest/gtest.h>

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
  spoil(world.ledger().log().store(), Family::kRows);
  ask(StartAttempt{examples::run_id(1), sanitize("w"), {}});
  EXPECT_EQ(told.get_future().get(), "rows.damaged");
  std::string later;
  rows.on_stopped([&](std::string_view code, std::string_view) { later = code; });
  EXPECT_EQ(later, "rows.damaged");
}

}  // namespace
}  // namespace runledger
