// Delays between attempts, and sets of outcomes.
#include "ledger/values/policy.h"

#include <gtest/gtest.h>

#include <limits>

namespace runledger {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Backoff, DoublesAfterEachAttemptUpToItsLimit) {
  const Backoff backoff{.initial = seconds(30), .max = minutes(15)};
  EXPECT_EQ(backoff.after(AttemptNumber{1}), seconds(30));
  EXPECT_EQ(backoff.after(AttemptNumber{2}), seconds(60));
  EXPECT_EQ(backoff.after(AttemptNumber{3}), seconds(120));
  EXPECT_EQ(backoff.after(AttemptNumber{5}), seconds(480));
  EXPECT_EQ(backoff.after(AttemptNumber{6}), minutes(15));
  EXPECT_EQ(backoff.after(AttemptNumber{7}), minutes(15));
}

TEST(Backoff, ReachesItsLimitExactly) {
  const Backoff backoff{.initial = seconds(1), .max = seconds(8)};
  EXPECT_EQ(backoff.after(AttemptNumber{4}), seconds(8));
  EXPECT_EQ(backoff.after(AttemptNumber{5}), seconds(8));
}

TEST(Backoff, StaysAtItsLimitForAnyNumberOfAttempts) {
  const Backoff backoff{.initial = microseconds(1), .max = hours(24)};
  for (const std::uint32_t attempt : {33U, 34U, 64U, 65U, 1000U, std::numeric_limits<std::uint32_t>::max()})
    EXPECT_EQ(backoff.after(AttemptNumber{attempt}), hours(24)) << attempt;
}

TEST(Backoff, NeverExceedsALimitBelowItsStart) {
  const Backoff backoff{.initial = minutes(10), .max = seconds(5)};
  EXPECT_EQ(backoff.after(AttemptNumber{1}), seconds(5));
  EXPECT_EQ(backoff.after(AttemptNumber{9}), seconds(5));
}

TEST(Backoff, OfZeroIsNone) {
  const Backoff none{.initial = seconds(0), .max = minutes(15)};
  EXPECT_EQ(none.after(AttemptNumber{1}), seconds(0));
  EXPECT_EQ(none.after(AttemptNumber{40}), seconds(0));
  const Backoff capped{.initial = seconds(30), .max = seconds(0)};
  EXPECT_EQ(capped.after(AttemptNumber{3}), seconds(0));
}

TEST(OutcomeSet, ThatIsEmptyHoldsAll) {
  const OutcomeSet all;
  EXPECT_TRUE(all.contains(RunOutcome::kSucceeded));
  EXPECT_TRUE(all.contains(RunOutcome::kCancelled));
}

TEST(OutcomeSet, HoldsWhatWasInsertedAndNothingElse) {
  OutcomeSet set;
  set.insert(RunOutcome::kSucceeded);
  set.insert(RunOutcome::kCancelled);
  EXPECT_TRUE(set.contains(RunOutcome::kSucceeded));
  EXPECT_TRUE(set.contains(RunOutcome::kCancelled));
  EXPECT_FALSE(set.contains(RunOutcome::kFailed));
  EXPECT_FALSE(set.contains(RunOutcome::kPending));
}

}  // namespace
}  // namespace runledger
