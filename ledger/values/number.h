// Whole numbers in decimal digits, as callers and users write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ledger/values/rejection.h"

namespace runledger {

// Both ends count.
struct NumberRange {
  std::uint64_t min = 0;
  std::uint64_t max = ~std::uint64_t{0};
};

// Decimal digits and nothing else: no sign, no blank, no unit. Absent: something else, or outside the range.
[[nodiscard]] std::optional<std::uint64_t> find_number(std::string_view text, NumberRange range);

// The same; code "<field>.invalid".
[[nodiscard]] Result<std::uint64_t> parse_number(std::string_view text, std::string_view field, NumberRange range);

}  // namespace runledger
