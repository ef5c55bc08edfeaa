// Decodes UTF-8 according to the Unicode standard's table of well-formed byte sequences (table 3-7).
#include "ledger/base/utf8.h"

#include <algorithm>
#include <cstring>

namespace runledger {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

// What a lead byte determines: the character's length, and the range of its second byte. Restricting the second byte is
// enough to exclude overlong forms, surrogates and values above U+10FFFF. Length 0 means that it is not a lead byte.
struct Lead {
  std::size_t size = 0;
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xBF;
};

Lead lead(unsigned char byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xC2) return {};
  if (byte < 0xE0) return {2};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

// Counts the ASCII bytes at the start of the text, in steps of eight: most texts are ASCII, and this is much faster
// than decoding them.
std::size_t ascii_blocks(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t size = 0;
  for (; size + sizeof(std::uint64_t) <= text.size(); size += sizeof(std::uint64_t)) {
    std::uint64_t block = 0;
    std::memcpy(&block, text.data() + size, sizeof(block));
    if ((block & kHighBits) != 0) break;
  }
  return size;
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Lead form = lead(byte(0));
  if (form.size == 1) return {byte(0), 1, true};
  if (form.size == 0) return {kReplacement, 1, false};
  char32_t value = byte(0) & (0x7FU >> form.size);
  for (std::size_t i = 1; i < form.size; ++i) {
    const unsigned char min = i == 1 ? form.second_min : 0x80;
    const unsigned char max = i == 1 ? form.second_max : 0xBF;
    if (i >= text.size() || byte(i) < min || byte(i) > max) return {kReplacement, i, false};
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  return {value, form.size, true};
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(ascii_blocks(text));
    if (text.empty()) break;
    const CodePoint next = decode_utf8(text);
    if (!next.valid) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const CodePoint next = decode_utf8(text);
    append_utf8(valid, next.value);
    text.remove_prefix(next.size);
  }
  return valid;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto low_bits = [&](unsigned shift) { return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0U | (code_point >> 6U));
    out += low_bits(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0U | (code_point >> 12U));
    out += low_bits(6);
    out += low_bits(0);
  } else {
    out += static_cast<char>(0xF0U | (code_point >> 18U));
    out += low_bits(12);
    out += low_bits(6);
    out += low_bits(0);
  }
}

}  // namespace runledger
