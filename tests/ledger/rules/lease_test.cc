// Tests how long a lease has left to run when clocks are changed or restarted.
#include "ledger/rules/lease.h"

#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

constexpr Duration kMinuteLease = 60s;

Moment moment(Duration wall, std::uint64_t boot, Duration since_boot) {
  return {examples::at(0) + wall, {.boot = boot, .since_boot = since_boot}};
}

AttemptState opened(Duration wall) {
  AttemptState open;
  open.token = ScopeSequence{2};
  open.started_at = examples::at(0) + wall;
  open.lease = kMinuteLease;
  return open;
}

TEST(Lease, RunsFromTheLastSignOfLifeOnTheMonotonicClock) {
  const LifeSign last{ScopeSequence{2}, moment(0s, 7, 100s)};
  EXPECT_EQ(lease_left(opened(0s), last, {}, moment(10s, 7, 110s)), 50s);
  EXPECT_EQ(lease_left(opened(0s), last, {}, moment(60s, 7, 160s)), 0s);
  EXPECT_EQ(lease_left(opened(0s), last, {}, moment(61s, 7, 161s)), -1s);
}

TEST(Lease, AStepOfTheWallClockChangesNothing) {
  const LifeSign last{ScopeSequence{2}, moment(0s, 7, 100s)};
  for (const Duration step : {-24h, 24h}) {
    EXPECT_EQ(lease_left(opened(0s), last, {}, moment(step, 7, 110s)), 50s);
  }
}

TEST(Lease, FallsBackToTheWallClockAfterTheMachineWasStartedAnew) {
  const LifeSign last{ScopeSequence{2}, moment(30s, 7, 100s)};
  EXPECT_EQ(lease_left(opened(0s), last, {}, moment(50s, 8, 1s)), 40s);
  EXPECT_EQ(lease_left(opened(0s), last, {}, moment(90s, 8, 1s)), 0s);
}

TEST(Lease, NeverHasMoreThanOneLeaseLeft) {
  const LifeSign last{ScopeSequence{2}, moment(30s, 7, 100s)};
  EXPECT_EQ(lease_left(opened(0s), last, {}, moment(-24h, 8, 1s)), kMinuteLease);
}

TEST(Lease, KnowsTheSignOfAnotherAttemptForNone) {
  const LifeSign earlier{ScopeSequence{1}, moment(0s, 7, 100s)};
  EXPECT_EQ(lease_left(opened(20s), earlier, {}, moment(30s, 7, 500s)), 50s);
  EXPECT_EQ(lease_left(opened(20s), {}, {}, moment(80s, 7, 500s)), 0s);
}

TEST(Lease, IsWholeAgainWhenTheLedgerWasOpenedToStayOpen) {
  const LifeSign last{ScopeSequence{2}, moment(0s, 7, 100s)};
  const SteadyTime renewed{.boot = 7, .since_boot = 1000s};
  EXPECT_EQ(lease_left(opened(0s), last, renewed, moment(900s, 7, 1000s)), kMinuteLease);
  EXPECT_EQ(lease_left(opened(0s), last, renewed, moment(960s, 7, 1060s)), 0s);
  const LifeSign later{ScopeSequence{2}, moment(930s, 7, 1030s)};
  EXPECT_EQ(lease_left(opened(0s), later, renewed, moment(960s, 7, 1060s)), 30s);
}

TEST(Lease, TakesNoBootThatIsUnknownForTheSame) {
  const LifeSign last{ScopeSequence{2}, moment(10s, 0, 0s)};
  EXPECT_EQ(lease_left(opened(0s), last, {}, moment(30s, 0, 500s)), 40s);
}

TEST(SystemClock, KnowsTheBootOfTheMachineAndNeverGoesBack) {
  const SystemClock clock;
  const SteadyTime before = clock.steady();
  EXPECT_NE(before.boot, 0U);
  EXPECT_TRUE(before.is_of_boot(SystemClock().steady()));
  EXPECT_LE(before.since_boot, clock.steady().since_boot);
}

}  // namespace
}  // namespace runledger
