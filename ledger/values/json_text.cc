// Writes strings as RFC 8785, 3.2.2.2 requires, and numbers with the fewest digits that read back as the same number.
#include "ledger/values/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

// True for the characters that RFC 8785, 3.2.2.2 escapes.
bool needs_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view kLowerHexDigits = "0123456789abcdef";
  switch (c) {
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      out += "\\u00";
      out += kLowerHexDigits[c >> 4U];
      out += kLowerHexDigits[c & 15U];
  }
}

// The digits d1 d2 … of the shortest decimal d1.d2… * 10^exponent that reads back as `value`.
struct Decimal {
  std::string digits;
  int exponent = 0;
};

Decimal shortest_decimal(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  RUNLEDGER_ASSERT(end.ec == std::errc());
  const std::string_view written(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
  const std::size_t mark = written.find('e');
  Decimal decimal;
  for (const char c : written.substr(0, mark)) {
    if (c != '.') decimal.digits += c;
  }
  const char* exponent = text.data() + mark + 1;
  if (*exponent == '+') ++exponent;  // from_chars does not accept a plus sign.
  std::from_chars(exponent, end.ptr, decimal.exponent);
  return decimal;
}

// Returns the digits with the decimal point in its place, or an empty text when the number needs an exponent.
std::string without_exponent(const Decimal& decimal, int point_min, int point_max) {
  const auto& [digits, exponent] = decimal;
  const int k = static_cast<int>(digits.size());
  const int n = exponent + 1;
  if (k <= n && n <= point_max) return digits + std::string(static_cast<std::size_t>(n - k), '0');
  if (0 < n && n <= point_max)
    return digits.substr(0, static_cast<std::size_t>(n)) + '.' + digits.substr(static_cast<std::size_t>(n));
  if (point_min < n && n <= 0) return "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
  return {};
}

// Returns a form such as "1.5e-7"; `exponent_digits` is the minimal number of digits of the exponent.
std::string with_exponent(const Decimal& decimal, std::size_t exponent_digits) {
  std::string out = decimal.digits.substr(0, 1);
  if (decimal.digits.size() > 1) out += '.' + decimal.digits.substr(1);
  out += decimal.exponent < 0 ? "e-" : "e+";
  const std::string exponent = std::to_string(std::abs(decimal.exponent));
  if (exponent.size() < exponent_digits) out.append(exponent_digits - exponent.size(), '0');
  return out + exponent;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!needs_escape(c)) continue;
    out.append(text, plain_from, i - plain_from);
    append_escaped(out, c);
    plain_from = i + 1;
  }
  out.append(text, plain_from);
  out += '"';
}

// ECMA-262, Number::toString. Its n is the position of the decimal point from the first digit, its k the number of
// digits.
std::string canonical_number(double value) {
  RUNLEDGER_ASSERT(std::isfinite(value));
  if (value == 0) return "0";
  const Decimal decimal = shortest_decimal(std::abs(value));
  const std::string plain = without_exponent(decimal, -6, 21);
  return (value < 0 ? "-" : "") + (plain.empty() ? with_exponent(decimal, 1) : plain);
}

std::string real_number(double value) {
  RUNLEDGER_ASSERT(std::isfinite(value));
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  const Decimal decimal = shortest_decimal(std::abs(value));
  std::string plain = without_exponent(decimal, -4, 15);
  if (!plain.empty() && plain.find('.') == std::string::npos) plain += ".0";
  return (value < 0 ? "-" : "") + (plain.empty() ? with_exponent(decimal, 2) : plain);
}

}  // namespace runledger
