// Digests, and their hexadecimal form.
#pragma once

#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/values/rejection.h"

namespace runledger {

// Returns a view that is valid as long as `bytes`.
template <std::size_t N>
[[nodiscard]] std::string_view view_of(const std::array<unsigned char, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

// A digest of N bytes. Digest<32> is a whole SHA-256.
template <std::size_t N>
struct Digest {
  std::array<unsigned char, N> bytes{};
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// Returns a view that is valid as long as `digest`.
template <std::size_t N>
[[nodiscard]] std::string_view bytes_of(const Digest<N>& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), N};
}

// The digest by which two requests are the same (ledger/rules/identity.h).
struct Identity {
  Digest<32> digest;
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

// Represents content whose equality is all that matters.
using ContentDigest = Digest<16>;

// Returns two digits a byte, in lower case.
[[nodiscard]] std::string format_hex(std::string_view bytes);
// Accepts either case. Returns nullopt for an odd number of digits, or for any other character.
[[nodiscard]] std::optional<std::string> parse_hex(std::string_view text);

// Returns nullopt unless `hex` is two digits for each byte of the digest.
template <std::size_t N>
[[nodiscard]] std::optional<Digest<N>> parse_digest(std::string_view hex) {
  const std::optional<std::string> bytes = parse_hex(hex);
  if (!bytes || bytes->size() != N) return std::nullopt;
  Digest<N> digest;
  std::memcpy(digest.bytes.data(), bytes->data(), N);
  return digest;
}

// Returns 64 hex digits in lower case.
[[nodiscard]] std::string format_identity(const Identity& identity);
// Refuses anything but 64 hex digits with "identity.invalid".
[[nodiscard]] Result<Identity> parse_identity(std::string_view hex);

}  // namespace runledger

// The bytes of a digest are evenly distributed already, so the first eight serve as its hash.
template <std::size_t N>
struct std::hash<runledger::Digest<N>> {
  std::size_t operator()(const runledger::Digest<N>& digest) const noexcept {
    static_assert(N >= sizeof(std::size_t));
    std::size_t value = 0;
    std::memcpy(&value, digest.bytes.data(), sizeof(value));
    return value;
  }
};

template <>
struct std::hash<runledger::Identity> {
  std::size_t operator()(const runledger::Identity& identity) const noexcept {
    return std::hash<runledger::Digest<32>>{}(identity.digest);
  }
};
