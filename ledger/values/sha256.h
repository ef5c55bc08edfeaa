// SHA-256 (FIPS 180-4) of pieces that are laid end to end.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include "ledger/values/digest.h"

namespace runledger {

// Digests the concatenation of the pieces; their boundaries do not matter. Safe from any thread.
[[nodiscard]] Digest<32> sha256(std::initializer_list<std::string_view> pieces);

// Digests pieces that arrive one after the other, such as those of a large file. For one thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view piece);
  // Returns the digest of all pieces. Nothing may be called afterwards.
  [[nodiscard]] Digest<32> finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Returns the first 16 bytes of sha256(), which suffice where only equality matters and no caller gains by a collision.
[[nodiscard]] ContentDigest content_digest(std::initializer_list<std::string_view> pieces);

// Returns the HMAC-SHA-256 (RFC 2104) of `content` under a key of 32 bytes.
[[nodiscard]] Digest<32> hmac_sha256(const std::array<unsigned char, 32>& key, std::string_view content);

// Derives a key with HKDF-SHA-256 (RFC 5869) from `secret`, without a salt and with `purpose` as info. A key for one
// purpose reveals neither the secret nor the key for another purpose.
[[nodiscard]] std::array<unsigned char, 32> hkdf_sha256(std::string_view secret, std::string_view purpose);

}  // namespace runledger
