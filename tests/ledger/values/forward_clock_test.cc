// The clock of decisions, which never goes back and never stops.
#include "ledger/values/forward_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;
using examples::at;

class ForwardTime : public testing::Test {
 protected:
  ManualClock wall{at(0)};
  const Time start = at(0);
};

TEST_F(ForwardTime, IsTheWallClockWhereThatGoesForward) {
  const ForwardClock clock(wall, start - 1h);
  EXPECT_EQ(clock.now(), start);
  wall.advance(3s);
  EXPECT_EQ(clock.now(), start + 3s);
  wall.set(start + 5h);
  EXPECT_EQ(clock.now(), start + 5h);
  EXPECT_EQ(clock.steady(), wall.steady());
}

TEST_F(ForwardTime, GoesOnAtHalfTheSpeedWhenTheWallClockIsSetBack) {
  const ForwardClock clock(wall, start);
  EXPECT_EQ(clock.now(), start);
  wall.set(start - 1h);
  EXPECT_EQ(clock.now(), start);
  wall.advance(10s);
  EXPECT_EQ(clock.now(), start + 5s);
}

TEST_F(ForwardTime, ComesBackToTheWallClock) {
  const ForwardClock clock(wall, start);
  wall.set(start - 1h);
  wall.advance(2h);  // The wall clock has caught up exactly.
  EXPECT_EQ(clock.now(), start + 1h);
  wall.advance(1s);
  EXPECT_EQ(clock.now(), start + 1h + 1s);
}

TEST_F(ForwardTime, BeginsNowhereBeforeItsFloor) {
  const ForwardClock clock(wall, start + 90min);
  EXPECT_EQ(clock.now(), start + 90min);
  wall.advance(4s);
  EXPECT_EQ(clock.now(), start + 90min + 2s);
}

TEST_F(ForwardTime, LosesNothingByBeingAskedOften) {
  const ForwardClock clock(wall, start + 1h);
  for (int i = 0; i < 1000; ++i) {
    wall.advance(1us);
    (void)clock.now();
  }
  EXPECT_EQ(clock.now(), start + 1h + 500us);
}

TEST_F(ForwardTime, NeverGoesBackForAnyThreadWhateverTheWallClockDoes) {
  const ForwardClock clock(wall, start);
  std::atomic<int> back{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      Time last = clock.now();
      for (int reading = 0; reading < 20'000; ++reading) {
        const Time now = clock.now();
        if (now < last) ++back;
        last = now;
      }
    });
  }
  for (int step = 0; step < 2'000; ++step) {
    wall.set(start + Duration((step * 7919) % 10'000));
    wall.advance(1us);
  }
  readers.clear();
  EXPECT_EQ(back, 0);
}

}  // namespace
}  // namespace runledger
