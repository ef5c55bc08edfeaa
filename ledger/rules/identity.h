// The fingerprint by which two requests for the same work are recognised.
#pragma once

#include <array>
#include <cstdint>

#include "ledger/values/digest.h"
#include "ledger/values/names.h"
#include "ledger/values/run_input.h"

namespace runledger {

// Must be raised when the recipe below changes. It is part of the digest, so identities of two recipes never match.
inline constexpr std::uint32_t kFingerprintVersion = 1;

// The secret under which one ledger digests identities, so that a low-entropy input cannot be guessed from its digest.
// It is kept in its own file next to the store.
struct IdentityKey {
  std::array<unsigned char, 32> bytes{};

  // Returns the first eight bytes of the key's SHA-256, which tell keys apart without revealing them.
  [[nodiscard]] Digest<8> id() const;
  // Throws Failure "random.unavailable" when OpenSSL has no random bytes.
  [[nodiscard]] static IdentityKey random();
};

// Returns the HMAC-SHA-256 (RFC 2104) under `key` of the version (4 bytes, big-endian), followed by workspace, tenant,
// type and the canonical JSON of the identity fields, each after its length (4 bytes, big-endian). A missing tenant is
// the length 0xffffffff and no bytes. Text is not normalised: names that differ by case, and inputs that differ by
// Unicode normal form, are different requests.
[[nodiscard]] Identity fingerprint(const IdentityKey& key, const Scope& scope, const RunType& type,
                                   const IdentityFields& fields, const RunInput& input);

}  // namespace runledger
