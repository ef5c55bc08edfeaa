// Parses whole numbers as people and requests write them.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "ledger/values/rejection.h"

namespace runledger {

// A range of numbers that includes both ends.
struct NumberRange {
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
};

// Accepts decimal digits and nothing else: no sign, no blank, no unit. Refuses any other text, and a number out of
// range, with "<field>.invalid".
[[nodiscard]] Result<std::uint64_t> parse_number(std::string_view text, std::string_view field, NumberRange range);

}  // namespace runledger
