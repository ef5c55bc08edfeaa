// Reads numbers without the locale that the C library asks.
#include "ledger/values/number.h"

#include <fmt/format.h>

#include <charconv>

#include "ledger/base/ascii.h"

namespace runledger {

std::optional<std::uint64_t> find_number(std::string_view text, NumberRange range) {
  std::uint64_t value = 0;
  if (!only_digits(text) || std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
    return std::nullopt;
  return value >= range.min && value <= range.max ? std::optional(value) : std::nullopt;
}

Result<std::uint64_t> parse_number(std::string_view text, std::string_view field, NumberRange range) {
  if (const auto value = find_number(text, range)) return *value;
  return reject(fmt::format("{}.invalid", field), fmt::format("{}: expected a whole number from {} to {}, found \"{}\"",
                                                              field, range.min, range.max, text));
}

}  // namespace runledger
