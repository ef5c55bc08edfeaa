// The recipe of the fingerprint, which is a keyed digest of length-prefixed fields.
#include "ledger/rules/identity.h"

#include <openssl/rand.h>

#include <algorithm>

#include "ledger/base/big_endian.h"
#include "ledger/base/failure.h"
#include "ledger/values/sha256.h"

namespace runledger {

namespace {

void append_field(std::string& out, std::string_view field) {
  append_big_endian(out, static_cast<std::uint32_t>(field.size()));
  out += field;
}

}  // namespace

Digest<8> IdentityKey::id() const {
  const Digest<32> digest = sha256({view_of(bytes)});
  Digest<8> id;
  std::copy_n(digest.bytes.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

IdentityKey IdentityKey::random() {
  IdentityKey key;
  if (RAND_bytes(key.bytes.data(), static_cast<int>(key.bytes.size())) != 1)
    throw Failure(Remedy::kCallOperator, "random.unavailable", "OpenSSL gave no random bytes for the identity key");
  return key;
}

Identity fingerprint(const IdentityKey& key, const Scope& scope, const RunType& type, const IdentityFields& fields,
                     const RunInput& input) {
  constexpr std::uint32_t kNoTenant = 0xFFFFFFFF;  // No field is that long.
  std::string content;
  append_big_endian(content, kFingerprintVersion);
  append_field(content, scope.workspace.str());
  if (scope.tenant)
    append_field(content, scope.tenant->str());
  else
    append_big_endian(content, kNoTenant);
  append_field(content, type.str());
  append_field(content, input.canonical_fields(fields));

  return Identity{hmac_sha256(key.bytes, content)};
}

}  // namespace runledger
