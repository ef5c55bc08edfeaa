// Tests which texts are a traceparent, after the examples and rules of W3C Trace Context.
#include "ledger/values/traceparent.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

constexpr std::string_view kGood = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Traceparents, AreWrittenAsTheyWereRead) {
  const std::optional<Traceparent> value = parse_traceparent(kGood);
  ASSERT_TRUE(value);
  EXPECT_EQ(format_traceparent(*value), kGood);
}

TEST(Traceparents, OfAHigherVersionAreReadAsFarAsVersionZeroKnows) {
  for (const std::string_view text : {"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                      "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-follows"}) {
    const std::optional<Traceparent> value = parse_traceparent(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(format_traceparent(*value), kGood);
  }
}

TEST(Traceparents, OfAnotherFormAreNone) {
  for (const std::string_view text :
       {"", "00", "4bf92f3577b34da6a3ce929d0e0e4736", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"}) {
    EXPECT_FALSE(parse_traceparent(text)) << text;
  }
}

}  // namespace
}  // namespace runledger
