// One reader per form, chosen by the first character.
#include "ledger/secrets/escapes.h"

#include <algorithm>
#include <array>

#include "ledger/base/ascii.h"

namespace runledger {

namespace {

constexpr EscapedCharacter kNoEscape{};

struct NamedReference {
  std::string_view name;
  char32_t value;
};

// HTML Standard, 13.5 Named character references.
constexpr std::array kReferences = std::to_array<NamedReference>({
    {"quot;", 0x22},   {"apos;", 0x27},   {"lt;", 0x3C},    {"gt;", 0x3E},     {"amp;", 0x26},    {"nbsp;", 0x20},
    {"equals;", 0x3D}, {"colon;", 0x3A},  {"lcub;", 0x7B},  {"rcub;", 0x7D},   {"lbrace;", 0x7B}, {"rbrace;", 0x7D},
    {"lowbar;", 0x5F}, {"hyphen;", 0x2D}, {"dash;", 0x2D},  {"commat;", 0x40}, {"sol;", 0x2F},    {"grave;", 0x60},
    {"ldquo;", 0x22},  {"rdquo;", 0x22},  {"lsquo;", 0x27}, {"rsquo;", 0x27},  {"laquo;", 0x22},  {"raquo;", 0x22},
});

bool is_scalar(char32_t value) {
  return value > 0 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

char32_t digit_value(char c) {
  return static_cast<char32_t>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
}

struct Number {
  char32_t value = 0;
  std::size_t digits = 0;
};

// Reads at most `digits_max` digits of base 10 or 16.
Number read_number(std::string_view text, char32_t base, std::size_t digits_max) {
  Number number;
  while (number.digits < std::min(digits_max, text.size())) {
    const char c = text[number.digits];
    if (base == 16 ? !is_hex_digit(c) : !is_digit(c)) break;
    number.value = number.value * base + digit_value(c);
    ++number.digits;
  }
  return number;
}

// "&" and what follows it. "&amp;" may stand for the "&" of another reference.
EscapedCharacter read_reference(std::string_view text) {
  constexpr std::size_t kTimesMax = 4;
  constexpr std::string_view kAmpersand = "amp;";
  std::size_t at = 1;
  for (std::size_t i = 0; i < kTimesMax && text.substr(at).starts_with(kAmpersand); ++i) at += kAmpersand.size();
  const std::string_view rest = text.substr(at);
  if (rest.starts_with('#')) {
    const bool hex = rest.size() > 1 && to_lower(rest[1]) == 'x';
    const std::size_t begin = hex ? 2 : 1;
    const Number number = read_number(rest.substr(begin), hex ? 16 : 10, 7);
    const std::size_t end = begin + number.digits;
    if (number.digits == 0 || !is_scalar(number.value)) return kNoEscape;
    return {number.value, at + end + (rest.substr(end).starts_with(';') ? 1U : 0U)};
  }
  if (rest.empty() || !is_lower(rest.front())) return at > 1 ? EscapedCharacter{0x26, at} : kNoEscape;
  for (const NamedReference& reference : kReferences) {
    if (rest.starts_with(reference.name)) return {reference.value, at + reference.name.size()};
  }
  return at > 1 ? EscapedCharacter{0x26, at} : kNoEscape;
}

EscapedCharacter read_braced(std::string_view text) {
  const Number number = read_number(text.substr(1), 16, 6);
  const bool ends = text.substr(1 + number.digits).starts_with('\x7D');
  return number.digits > 0 && ends && is_scalar(number.value) ? EscapedCharacter{number.value, number.digits + 2}
                                                              : kNoEscape;
}

// The four digits after \u. A pair of surrogates is one character.
EscapedCharacter read_four_digits(std::string_view text) {
  const Number high = read_number(text, 16, 4);
  if (high.digits < 4) return kNoEscape;
  if (is_scalar(high.value)) return {high.value, 4};
  std::size_t at = 4;
  while (at < 8 && at < text.size() && text[at] == '\\') ++at;
  if (high.value >= 0xDC00 || at == 4 || !text.substr(at).starts_with('u')) return kNoEscape;
  const Number low = read_number(text.substr(at + 1), 16, 4);
  if (low.digits < 4 || low.value < 0xDC00 || low.value > 0xDFFF) return kNoEscape;
  return {0x10000 + ((high.value - 0xD800) << 10U) + (low.value - 0xDC00), at + 5};
}

// Backslashes and what follows them. Every further time that a text was escaped doubles its backslashes.
EscapedCharacter read_backslash(std::string_view text) {
  constexpr std::size_t kBackslashesMax = 8;
  std::size_t at = 1;
  while (at < kBackslashesMax && at < text.size() && text[at] == '\\') ++at;
  const std::string_view rest = text.substr(at);
  EscapedCharacter read;
  if (rest.starts_with("u\x7B")) {
    read = read_braced(rest.substr(1));
  } else if (rest.starts_with('u')) {
    read = read_four_digits(rest.substr(1));
  } else if (rest.starts_with('x')) {
    const Number number = read_number(rest.substr(1), 16, 2);
    if (number.digits == 2 && number.value > 0 && number.value < 0x80) read = {number.value, 2};
  } else if (rest.starts_with("e[")) {
    return {0x1B, at + 1};
  } else if (rest.starts_with("033[")) {
    return {0x1B, at + 3};
  }
  return read.size == 0 ? kNoEscape : EscapedCharacter{read.value, at + 1 + read.size};
}

EscapedCharacter read_percent(std::string_view text) {
  constexpr std::size_t kTimesMax = 4;
  constexpr std::string_view kDecoded = "=:\x22\x27\x7B\x7D";
  std::size_t at = 1;
  for (std::size_t i = 0; i < kTimesMax && text.substr(at).starts_with("25"); ++i) at += 2;
  const Number number = read_number(text.substr(at), 16, 2);
  if (number.digits < 2 || number.value == 0 || number.value >= 0x80) return kNoEscape;
  if (kDecoded.find(static_cast<char>(number.value)) == std::string_view::npos) return kNoEscape;
  return {number.value, at + 2};
}

}  // namespace

EscapedCharacter escaped_character(std::string_view text) {
  if (text.empty()) return kNoEscape;
  switch (text.front()) {
    case '&':
      return read_reference(text);
    case '\\':
      return read_backslash(text);
    case '%':
      return read_percent(text);
    default:
      return kNoEscape;
  }
}

}  // namespace runledger
