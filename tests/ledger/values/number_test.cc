// Numbers in text: their form and their range.
#include "ledger/values/number.h"

#include <gtest/gtest.h>

#include <optional>

namespace runledger {
namespace {

std::optional<std::uint64_t> number(std::string_view text, NumberRange range) {
  const Result<std::uint64_t> parsed = parse_number(text, "limit", range);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

TEST(Numbers, AreDecimalDigitsAndNothingElse) {
  EXPECT_EQ(number("0", {}), 0U);
  EXPECT_EQ(number("007", {}), 7U);
  EXPECT_EQ(number("18446744073709551615", {}), ~std::uint64_t{0});
  for (const char* text : {"", " ", "+1", "-1", " 1", "1 ", "1.0", "1e3", "0x1", "a", "18446744073709551616"}) {
    EXPECT_EQ(number(text, {}), std::nullopt) << text;
  }
}

TEST(Numbers, HaveARangeWhoseEndsCount) {
  EXPECT_EQ(number("2", {.min = 2, .max = 4}), 2U);
  EXPECT_EQ(number("4", {.min = 2, .max = 4}), 4U);
  EXPECT_EQ(number("1", {.min = 2, .max = 4}), std::nullopt);
  EXPECT_EQ(number("5", {.min = 2, .max = 4}), std::nullopt);
}

TEST(Numbers, AreRefusedByTheNameOfTheirField) {
  EXPECT_EQ(*parse_number("12", "limit", {}), 12U);
  const auto refused = parse_number("x", "limit", {.min = 1, .max = 10});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.rejection().code, "limit.invalid");
  EXPECT_EQ(refused.rejection().detail.str(), "limit: expected a whole number from 1 to 10, found \"x\"");
}

}  // namespace
}  // namespace runledger
