// Lengths of time as users type them.
#include "tools/cli/options/interval.h"

#include <gtest/gtest.h>

#include <string>

#include "tools/cli/exit_status.h"

namespace runledger {
namespace {

std::string refused_with(std::string_view typed) {
  try {
    return std::to_string(require_interval(typed, "every").count()) + " s";
  } catch (const Refused& refused) {
    return refused.rejection().code;
  }
}

TEST(Interval, IsANumberAndAUnit) {
  EXPECT_EQ(require_interval("90s", "every").count(), 90);
  EXPECT_EQ(require_interval("5m", "every").count(), 300);
  EXPECT_EQ(require_interval("1h", "every").count(), 3600);
  EXPECT_EQ(require_interval("30d", "every").count(), 30 * 86'400);
  EXPECT_EQ(require_interval("8784h", "every"), kIntervalMax);
  EXPECT_EQ(require_interval("366d", "every"), kIntervalMax);
}

TEST(Interval, MayBeZeroWhereTheOptionAllowsIt) {
  EXPECT_EQ(require_interval("0s", "every", 0).count(), 0);
  EXPECT_EQ(refused_with("0s"), "every.invalid");
}

TEST(Interval, IsRefusedWhenItIsAnythingElse) {
  for (const std::string typed : {"", "5", "m", "5w", "0s", "-5m", "+5m", " 5m", "5 m", "5m ", "1.5h", "5M", "0x5m",
                                  "8785h", "367d", "18446744073709551615h", "99999999999999999999s"})
    EXPECT_EQ(refused_with(typed), "every.invalid") << typed;
}

}  // namespace
}  // namespace runledger
