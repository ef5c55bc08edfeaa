// Digests and their hexadecimal form.
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

// A digest of N bytes. Digest<32> is a whole SHA-256.
template <std::size_t N>
struct Digest {
  std::array<unsigned char, N> bytes{};
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// Valid for as long as `digest` is there.
template <std::size_t N>
[[nodiscard]] std::string_view bytes_of(const Digest<N>& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), N};
}

// What makes two requests the same (ledger/rules/identity.h).
struct Identity {
  Digest<32> digest;
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

// Stands for content when only equality matters.
using ContentDigest = Digest<16>;

// Lower case.
[[nodiscard]] std::string format_hex(std::string_view bytes);
// Either case. Absent: an odd number of digits, or something else among them.
[[nodiscard]] std::optional<std::string> parse_hex(std::string_view text);

[[nodiscard]] std::string format_identity(const Identity& identity);
// Code "identity.invalid".
[[nodiscard]] Result<Identity> parse_identity(std::string_view hex);

}  // namespace runledger

// A digest is evenly spread already, so any of its bytes will do.
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
