// Deterministic authenticated encryption of short texts: AES-128-SIV (RFC 5297), by OpenSSL.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// Two AES-128 keys. The same text under the same key and the same associated text is always sealed alike, which shows
// that it is the same and nothing else about it. Safe from any thread.
struct SivKey {
  std::array<unsigned char, 32> bytes{};

  // HKDF-SHA-256 (RFC 5869) of `secret`, without a salt and with `purpose` as info: a key for one purpose reveals
  // neither the secret nor the key for another one.
  [[nodiscard]] static SivKey derive(std::string_view secret, std::string_view purpose);

  static constexpr std::size_t kTagBytes = 16;

  // The tag, then as many bytes as `text` has. `associated` is authenticated but not contained. Neither may be empty.
  [[nodiscard]] std::string seal(std::string_view text, std::string_view associated) const;

  // Returns nullopt where `sealed` is not what seal() gave under this key for this associated text.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view associated) const;
};

}  // namespace runledger
