// The lines of evidence files, each read in one way only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ledger/values/digest.h"

namespace runledger {

// Takes the first line off `text` and returns it without its newline. Returns nullopt when no newline is left.
[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& text);

// Accepts a decimal number of at most 2^63 - 1 without leading zeros.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);

// Accepts the base64 of 32 bytes.
[[nodiscard]] std::optional<Digest<32>> parse_hash(std::string_view text);

}  // namespace runledger
