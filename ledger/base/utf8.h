// Reads, checks and writes code points in UTF-8 text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runledger {

// The code point at the start of a text.
struct CodePoint {
  char32_t value = 0;    // U+FFFD for bytes that are not UTF-8.
  std::size_t size = 0;  // In bytes, at least 1. Invalid bytes are grouped as the Unicode standard recommends (3.9):
                         // the longest start of a valid character counts as one.
  bool valid = false;
};

// Decodes the first code point. Requires a text that is not empty.
[[nodiscard]] CodePoint decode_utf8(std::string_view text);

// Checks against RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. An empty text is valid.
[[nodiscard]] bool is_valid_utf8(std::string_view text);

// True for a byte that is not in the middle of a character. A valid text has as many of these bytes as characters.
[[nodiscard]] constexpr bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// Requires valid UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view text);

inline constexpr std::string_view kEllipsis = "\xE2\x80\xA6";  // U+2026

// Returns the text with U+FFFD in place of each group of bytes that is not UTF-8, grouped as in CodePoint::size.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// Appends the code point without checking it: callers pass a Unicode scalar value.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace runledger
