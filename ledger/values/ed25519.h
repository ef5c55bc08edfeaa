// Ed25519 signatures (RFC 8032, pure Ed25519), by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace runledger {

inline constexpr std::size_t kEd25519KeyBytes = 32;

struct Ed25519PublicKey {
  std::array<unsigned char, kEd25519KeyBytes> bytes{};

  // Returns false when `signature` is not one of `text` under this key, whatever its length.
  [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const;

  friend bool operator==(const Ed25519PublicKey&, const Ed25519PublicKey&) = default;
};

// The secret key: the 32 bytes that RFC 8032 calls the private key, and others the seed.
struct Ed25519Key {
  std::array<unsigned char, kEd25519KeyBytes> bytes{};

  // Throws Failure "random.unavailable" when the system gives no random bytes.
  [[nodiscard]] static Ed25519Key random();
  [[nodiscard]] Ed25519PublicKey public_key() const;
  // Returns 64 bytes. Equal texts always give equal signatures.
  [[nodiscard]] std::string sign(std::string_view text) const;
};

}  // namespace runledger
