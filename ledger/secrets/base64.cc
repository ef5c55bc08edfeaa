// Collects six bits per digit and gives out eight at a time.
#include "ledger/secrets/base64.h"

#include <algorithm>
#include <cstdint>

#include "ledger/base/ascii.h"
#include "ledger/base/utf8.h"

namespace runledger {

namespace {

// Returns the value of a base64 digit, also of the URL alphabet, or -1 when it is not a digit.
int base64_value(char c) {
  if (is_upper(c)) return c - 'A';
  if (is_lower(c)) return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

std::string decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) break;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xFFU);
  }
  return bytes;
}

bool is_plain_text(std::string_view bytes) {
  const auto is_shown = [](char c) { return (c >= 0 && c < 0x20 ? is_space(c) : c != 0x7F); };
  return std::all_of(bytes.begin(), bytes.end(), is_shown) && is_valid_utf8(bytes);
}

bool is_basic_credential(std::string_view word) {
  const std::string decoded = decode_base64(word);
  return word.size() >= 4 && decoded.find(':') != std::string::npos && is_plain_text(decoded);
}

}  // namespace runledger
