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

template <std::size_t N>
std::string_view view_of(const std::array<unsigned char, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// RFC 2104. It is written by hand, because OpenSSL 3's own HMAC spends several times the digest's time on its setup.
Digest<32> hmac_sha256(const IdentityKey& key, std::string_view content) {
  constexpr std::size_t kBlockSize = 64;
  static_assert(sizeof(key.bytes) <= kBlockSize, "a longer key would have to be hashed first");
  std::array<unsigned char, kBlockSize> inner_pad{};
  std::array<unsigned char, kBlockSize> outer_pad{};
  std::copy(key.bytes.begin(), key.bytes.end(), inner_pad.begin());
  std::copy(key.bytes.begin(), key.bytes.end(), outer_pad.begin());
  for (unsigned char& byte : inner_pad) byte ^= 0x36U;
  for (unsigned char& byte : outer_pad) byte ^= 0x5CU;
  const Digest<32> inner = sha256({view_of(inner_pad), content});
  return sha256({view_of(outer_pad), bytes_of(inner)});
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

Identity fingerprint(const IdentityKey& key, const Scope& scope, const RunType& type,
                     const std::vector<std::string>& identity_fields, const RunInput& input) {
  constexpr std::uint32_t kNoTenant = 0xFFFFFFFF;  // No field is that long.
  std::string content;
  append_big_endian(content, kFingerprintVersion);
  append_field(content, scope.workspace.str());
  if (scope.tenant)
    append_field(content, scope.tenant->str());
  else
    append_big_endian(content, kNoTenant);
  append_field(content, type.str());
  append_field(content, identity_fields.empty() ? input.canonical() : input.canonical_fields(identity_fields));

  return Identity{hmac_sha256(key, content)};
}

}  // namespace runledger
