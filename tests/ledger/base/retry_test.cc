// The delays between tries, and the wait for them.
#include "ledger/base/retry.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace runledger {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(RetryDelays, DoubleAfterEachTryUpToTheirLimit) {
  constexpr RetryDelays kDelays{.first = milliseconds(100), .max = milliseconds(1000)};
  EXPECT_EQ(kDelays.after(1), milliseconds(100));
  EXPECT_EQ(kDelays.after(2), milliseconds(200));
  EXPECT_EQ(kDelays.after(3), milliseconds(400));
  EXPECT_EQ(kDelays.after(4), milliseconds(800));
  EXPECT_EQ(kDelays.after(5), milliseconds(1000));
  EXPECT_EQ(kDelays.after(std::numeric_limits<unsigned>::max()), milliseconds(1000));
}

TEST(RetryDelays, NeverExceedALimitBelowTheirStart) {
  EXPECT_EQ((RetryDelays{.first = milliseconds(50), .max = milliseconds(20)}.after(1)), milliseconds(20));
}

TEST(RetryDelays, OfZeroStayZero) {
  EXPECT_EQ((RetryDelays{.first = milliseconds(0), .max = hours(1)}.after(40)), milliseconds(0));
}

TEST(Jitter, LeavesAtLeastHalfOfTheDelayAndAddsNothing) {
  std::minstd_rand random(1);
  milliseconds least = milliseconds::max();
  milliseconds most{};
  for (int i = 0; i < 10'000; ++i) {
    const milliseconds delay = jittered(milliseconds(100), random);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_EQ(least, milliseconds(50));
  EXPECT_EQ(most, milliseconds(100));
  EXPECT_EQ(jittered(milliseconds(0), random), milliseconds(0));
}

TEST(AWait, LastsUntilItsEndOrUntilAStop) {
  std::stop_source stop;
  EXPECT_TRUE(wait_unless_stopped(stop.get_token(), milliseconds(1)));
  std::thread stopper([&stop] { stop.request_stop(); });
  EXPECT_FALSE(wait_unless_stopped(stop.get_token(), hours(1)));
  stopper.join();
  EXPECT_FALSE(wait_unless_stopped(stop.get_token(), hours(1)));
}

}  // namespace
}  // namespace runledger
