// Pauses of the process, by a clock that the test moves.
#include "ledger/pause_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

struct Pauses : testing::Test {
  ManualClock clock{examples::at(0)};
  std::atomic<int> count = 0;
  PauseWatch watch{clock, [this](Duration) { ++count; }};
};

TEST_F(Pauses, AreNoticedOnceAndBeginTheRunningTimeAgain) {
  const SteadyTime begun = watch.running_since();
  clock.pause(PauseWatch::kPauseMin);
  const SteadyTime again = watch.running_since();
  EXPECT_EQ(again.since_boot - begun.since_boot, PauseWatch::kPauseMin);
  clock.advance(1h);
  EXPECT_EQ(watch.running_since(), again);
  EXPECT_EQ(count, 1);
}

TEST_F(Pauses, AreNotMadeOfOrdinaryDelays) {
  const SteadyTime begun = watch.running_since();
  for (int i = 0; i < 100; ++i) {
    clock.pause(PauseWatch::kPauseMin - 1ms);
    EXPECT_EQ(watch.running_since(), begun);
  }
  EXPECT_EQ(count, 0);
}

TEST(PauseWatch, NoticesAPauseWithoutBeingAsked) {
  ManualClock clock{examples::at(0)};
  std::promise<Duration> paused;
  const PauseWatch watch(clock, [&paused](Duration length) { paused.set_value(length); });
  clock.pause(1h);
  EXPECT_EQ(paused.get_future().get(), 1h);
}

}  // namespace
}  // namespace runledger
