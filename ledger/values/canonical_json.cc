// The canonical form of RFC 8785.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/values/json.h"

namespace runledger {

namespace {

using nlohmann::json;

void append_value(std::string& out, const json& value);

// Characters that RFC 8785, 3.2.2.2 wants escaped.
bool needs_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
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
      out += kHexDigits[c >> 4U];
      out += kHexDigits[c & 15U];
  }
}

void append_string(std::string& out, const std::string& text) {
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

// UTF-16 orders as UTF-8 does, except that U+10000 and above (surrogates D800 to DFFF; lead bytes F0 to F4) come before
// U+E000 to U+FFFF (lead bytes EE and EF).
unsigned utf16_rank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0xEE || byte == 0xEF ? byte + 0x10U : byte;
}

bool before_in_utf16(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() || in_b == b.end()) return in_a == a.end() && in_b != b.end();
  return utf16_rank(*in_a) < utf16_rank(*in_b);
}

// Whether byte order, in which nlohmann's map keeps members, may differ from UTF-16 order.
bool may_reorder(const json::object_t& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    return std::any_of(member.first.begin(), member.first.end(), [](char c) { return utf16_rank(c) >= 0xF0; });
  });
}

void append_member(std::string& out, const json::object_t::value_type& member) {
  append_string(out, member.first);
  out += ':';
  append_value(out, member.second);
}

void append_object(std::string& out, const json::object_t& members) {
  std::vector<const json::object_t::value_type*> sorted;
  if (may_reorder(members)) {
    for (const auto& member : members) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return before_in_utf16(a->first, b->first); });
  }
  const char* separator = "{";
  const auto append = [&](const json::object_t::value_type& member) {
    out += std::exchange(separator, ",");
    append_member(out, member);
  };
  if (members.empty()) out += '{';
  if (sorted.empty()) {
    for (const auto& member : members) append(member);
  } else {
    for (const auto* member : sorted) append(*member);
  }
  out += '}';
}

void append_array(std::string& out, const json::array_t& elements) {
  out += '[';
  bool first = true;
  for (const json& element : elements) {
    if (!std::exchange(first, false)) out += ',';
    append_value(out, element);
  }
  out += ']';
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

void append_value(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      out += "null";
      return;
    case json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case json::value_t::number_integer:
      return append_integer(out, value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      return append_integer(out, value.get<std::uint64_t>());
    case json::value_t::number_float:
      out += canonical_number(value.get<double>());
      return;
    case json::value_t::string:
      return append_string(out, value.get_ref<const std::string&>());
    case json::value_t::object:
      return append_object(out, value.get_ref<const json::object_t&>());
    case json::value_t::array:
      return append_array(out, value.get_ref<const json::array_t&>());
    case json::value_t::binary:
    case json::value_t::discarded:
      break;
  }
  assertion_failed("the value came from parse_json", __FILE__, __LINE__);
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
  if (*exponent == '+') ++exponent;  // from_chars takes no plus.
  std::from_chars(exponent, end.ptr, decimal.exponent);
  return decimal;
}

}  // namespace

std::string canonical_json(const nlohmann::json& value) {
  std::string out;
  append_value(out, value);
  return out;
}

// ECMA-262, Number::toString. There n is the place of the decimal point behind the digits' start, k their count.
std::string canonical_number(double value) {
  RUNLEDGER_ASSERT(std::isfinite(value));
  if (value == 0) return "0";
  std::string out;
  if (value < 0) out += '-';
  const auto [digits, exponent] = shortest_decimal(std::abs(value));
  const int k = static_cast<int>(digits.size());
  const int n = exponent + 1;
  if (k <= n && n <= 21) return out + digits + std::string(static_cast<std::size_t>(n - k), '0');
  if (0 < n && n <= 21)
    return out + digits.substr(0, static_cast<std::size_t>(n)) + '.' + digits.substr(static_cast<std::size_t>(n));
  if (-6 < n && n <= 0) return out + "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
  out += digits[0];
  if (k > 1) out += '.' + digits.substr(1);
  out += exponent < 0 ? "e-" : "e+";
  return out + std::to_string(std::abs(exponent));
}

}  // namespace runledger
