// Reads intervals as people type them: "90s", "5m", "1h", "30d".
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace runledger {

inline constexpr std::chrono::seconds kIntervalMax = std::chrono::hours(24 * 366);

// Expects decimal digits and one unit, s, m, h or d (24 hours): no sign, no blank, no fraction. The number must be
// `least` or more, and the interval at most kIntervalMax. Throws Refused with code "<field>.invalid" on bad input.
[[nodiscard]] std::chrono::seconds require_interval(std::string_view typed, std::string_view field,
                                                    std::uint64_t least = 1);

}  // namespace runledger
