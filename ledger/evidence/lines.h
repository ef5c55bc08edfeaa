// The lines of evidence files, each read in one way only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "ledger/values/digest.h"

namespace runledger {

// Takes the first line off `text` and returns it without its newline. Returns nullopt when no newline is left.
[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& text);

// Returns the rest of a line that begins with `word` and a blank; nullopt for another line, or if the rest is empty.
[[nodiscard]] std::optional<std::string_view> member_in(std::string_view line, std::string_view word);
// Takes a line off `text` and returns member_in() of it.
[[nodiscard]] std::optional<std::string_view> take_member(std::string_view& text, std::string_view word);

// Accepts a decimal number of at most 2^63 - 1 without leading zeros.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);

// Accepts the base64 of 32 bytes.
[[nodiscard]] std::optional<Digest<32>> parse_hash(std::string_view text);

// Returns the next line of a file without its newline; nullopt at the end, and for a line without a newline. The view
// is valid until the next call.
using NextLine = std::function<std::optional<std::string_view>()>;
// Lines of a text, which must outlive the function.
[[nodiscard]] NextLine lines_of_text(std::string_view text);

}  // namespace runledger
