// Lengths of time as people type them: "90s", "5m", "1h".
#pragma once

#include <chrono>
#include <string_view>

namespace runledger {

inline constexpr std::chrono::seconds kIntervalMax = std::chrono::hours(24 * 366);

// Decimal digits and one unit, s, m or h; no sign, no blank, no fraction, not zero, at most kIntervalMax. Refuses bad
// input with kInvalid and code "<field>.invalid".
[[nodiscard]] std::chrono::seconds require_interval(std::string_view typed, std::string_view field);

}  // namespace runledger
