// Reads whole numbers and refuses everything else.
#include "ledger/values/number.h"

#include <fmt/format.h>

#include <charconv>

#include "ledger/base/ascii.h"

namespace runledger {

Result<std::uint64_t> parse_number(std::string_view text, std::string_view field, NumberRange range) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (only_digits(text) && parsed.ec == std::errc{} && value >= range.min && value <= range.max) return value;
  return reject(fmt::format("{}.invalid", field), fmt::format("{}: expected a whole number from {} to {}, found \"{}\"",
                                                              field, range.min, range.max, text));
}

}  // namespace runledger
