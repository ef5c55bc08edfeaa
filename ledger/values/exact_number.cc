// Compares a number as it was written with the shortest form of its float, digit by digit.
//
// Both are brought to one form: digits without zeros at either end, times a power of ten. No arithmetic is done with
// the digits, so a number of any length is compared in one pass.
#include "ledger/values/exact_number.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace runledger {
namespace {

// Beyond every exponent at which a float is neither zero nor infinite, and far enough from the limits of the type to
// add a number of digits.
constexpr std::int64_t kExponentMax = 1'000'000'000'000;

struct Decimal {
  std::string digits = {};    // No zero at either end; empty for zero.
  std::int64_t exponent = 0;  // The number is the digits, read as a whole number, times ten to this power.
  bool negative = false;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

std::int64_t read_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (read.ec != std::errc{} || exponent > kExponentMax) exponent = kExponentMax;
  return negative ? -exponent : exponent;
}

Decimal read_decimal(std::string_view text) {
  Decimal number{.negative = text.starts_with('-')};
  if (number.negative) text.remove_prefix(1);
  const std::size_t mark = text.find_first_of("eE");
  if (mark != std::string_view::npos) number.exponent = read_exponent(text.substr(mark + 1));
  const std::string_view mantissa = text.substr(0, mark);
  const std::size_t point = mantissa.find('.');
  number.digits = mantissa.substr(0, point);
  if (point != std::string_view::npos) {
    number.digits += mantissa.substr(point + 1);
    number.exponent -= static_cast<std::int64_t>(mantissa.size() - point - 1);
  }
  const std::size_t last = number.digits.find_last_not_of('0');
  if (last == std::string::npos) return {};
  number.exponent += static_cast<std::int64_t>(number.digits.size() - last - 1);
  number.digits.resize(last + 1);
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  return number;
}

}  // namespace

bool keeps_exactly(double value, std::string_view spelling) {
  std::array<char, 32> shortest{};  // The longest has 24 characters.
  const auto written = std::to_chars(shortest.data(), shortest.data() + shortest.size(), value);
  return read_decimal(spelling) ==
         read_decimal({shortest.data(), static_cast<std::size_t>(written.ptr - shortest.data())});
}

}  // namespace runledger
