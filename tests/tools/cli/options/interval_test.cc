// Lengths of time as people type them.
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
    EXPECT_EQ(ExitStatus::kInvalid, refused.status());
    return refused.rejection().code;
  }
}

TEST(Interval, IsANumberAndAUnit) {
  EXPECT_EQ(90, require_interval("90s", "every").count());
  EXPECT_EQ(300, require_interval("5m", "every").count());
  EXPECT_EQ(3600, require_interval("1h", "every").count());
  EXPECT_EQ(kIntervalMax, require_interval("8784h", "every"));
}

TEST(Interval, IsRefusedWhenItIsAnythingElse) {
  for (const std::string typed : {"", "5", "m", "5d", "0s", "-5m", "+5m", " 5m", "5 m", "5m ", "1.5h", "5M", "0x5m",
                                  "8785h", "18446744073709551615h", "99999999999999999999s"})
    EXPECT_EQ("every.invalid", refused_with(typed)) << typed;
}

}  // namespace
}  // namespace runledger
