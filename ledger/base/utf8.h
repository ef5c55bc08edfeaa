// Code points in UTF-8 text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace runledger {

// What stands at the start of a text.
struct CodePoint {
  char32_t value = 0;    // U+FFFD for bytes that are no UTF-8.
  std::size_t size = 0;  // In bytes, at least 1. Invalid bytes are taken as the Unicode standard recommends (3.9): the
                         // longest start of a valid character counts as one.
  bool valid = false;
};

// Requires a text that is not empty.
[[nodiscard]] CodePoint decode_utf8(std::string_view text);

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_valid_utf8(std::string_view text);

// True for a byte that is not in the middle of a character. Valid text has as many of them as it has characters.
[[nodiscard]] constexpr bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// Requires valid UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view text);

inline constexpr std::string_view kEllipsis = "\xE2\x80\xA6";  // U+2026

// The text with U+FFFD in place of each run of bytes that is no UTF-8.
[[nodiscard]] std::string valid_utf8(std::string_view text);

void append_utf8(std::string& out, char32_t code_point);

}  // namespace runledger
