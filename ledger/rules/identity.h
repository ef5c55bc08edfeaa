// The fingerprint that tells whether two requests ask for the same thing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/values/digest.h"
#include "ledger/values/names.h"
#include "ledger/values/run_input.h"

namespace runledger {

// Raised when the recipe below changes; part of the digest, so that identities of two recipes never meet.
inline constexpr std::uint32_t kFingerprintVersion = 1;

// The secret of one ledger under which identities are digested, so that a low-entropy input cannot be guessed from its
// digest. Held in a file of its own beside the store.
struct IdentityKey {
  std::array<unsigned char, 32> bytes{};

  // First eight bytes of the SHA-256 of the key: tells keys apart without revealing them.
  [[nodiscard]] Digest<8> id() const;
  [[nodiscard]] static IdentityKey random();
};

// HMAC-SHA-256 (RFC 2104) under `key` of: the version (4 bytes, big-endian), then workspace, tenant, type and canonical
// JSON of the identity fields, each behind its length (4 bytes, big-endian); a missing tenant is the length 0xffffffff
// and no bytes. Text is taken as it is: names that differ by case, and input that differs by Unicode normal form, are
// different requests.
[[nodiscard]] Identity fingerprint(const IdentityKey& key, const Scope& scope, const RunType& type,
                                   const std::vector<std::string>& identity_fields, const RunInput& input);

}  // namespace runledger
