// Authenticated encryption under random nonces: AES-256-GCM (NIST SP 800-38D), by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// One key may seal 2^32 texts: up to there, two equal random nonces are less likely than one in 2^32. Safe from any
// thread.
struct AesGcmKey {
  std::array<unsigned char, 32> bytes{};

  static constexpr std::size_t kNonceBytes = 12;
  static constexpr std::size_t kTagBytes = 16;
  static constexpr std::size_t kOverheadBytes = kNonceBytes + kTagBytes;

  // Throws Failure "random.unavailable".
  [[nodiscard]] static AesGcmKey random();

  // Returns a random nonce, as many bytes as `text` has, and the tag. `associated` is authenticated but not included.
  // Either may be empty. Throws Failure "random.unavailable".
  [[nodiscard]] std::string seal(std::string_view text, std::string_view associated) const;

  // Returns the text, or nullopt when `sealed` was not sealed under this key with this associated text.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view associated) const;
};

}  // namespace runledger
