// Reads and writes digests as hexadecimal digits.
#include "ledger/values/digest.h"

#include <fmt/format.h>

namespace runledger {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// Returns the value of a hex digit in either case, or -1 for any other character.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string format_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += kHexDigits[static_cast<unsigned char>(c) >> 4U];
    text += kHexDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

std::optional<std::string> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string format_identity(const Identity& identity) {
  return format_hex(bytes_of(identity.digest));
}

Result<Identity> parse_identity(std::string_view hex) {
  const std::optional<Digest<32>> digest = parse_digest<32>(hex);
  if (!digest) return reject("identity.invalid", fmt::format("expected 64 hex digits, found \"{}\"", hex));
  return Identity{*digest};
}

}  // namespace runledger
