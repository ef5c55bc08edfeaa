// Calls OpenSSL. Where only a bug could make it fail, the result is asserted.
#include "ledger/values/ed25519.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

constexpr std::size_t kSignatureBytes = 64;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

const unsigned char* signed_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key secret_key(const Ed25519Key& key) {
  Key made(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
  RUNLEDGER_ASSERT(made);
  return made;
}

}  // namespace

bool Ed25519PublicKey::verifies(std::string_view text, std::string_view signature) const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size()));
  const DigestContext context(EVP_MD_CTX_new());
  RUNLEDGER_ASSERT(key && context);
  RUNLEDGER_ASSERT(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  return EVP_DigestVerify(context.get(), signed_bytes(signature), signature.size(), signed_bytes(text), text.size()) ==
         1;
}

Ed25519Key Ed25519Key::random() {
  Ed25519Key key;
  if (RAND_bytes(key.bytes.data(), static_cast<int>(key.bytes.size())) != 1)
    throw Failure(Remedy::kCallOperator, "random.unavailable", "OpenSSL gave no random bytes for the audit key");
  return key;
}

Ed25519PublicKey Ed25519Key::public_key() const {
  Ed25519PublicKey key;
  std::size_t size = key.bytes.size();
  RUNLEDGER_ASSERT(EVP_PKEY_get_raw_public_key(secret_key(*this).get(), key.bytes.data(), &size) == 1);
  RUNLEDGER_ASSERT(size == key.bytes.size());
  return key;
}

std::string Ed25519Key::sign(std::string_view text) const {
  const Key key = secret_key(*this);
  const DigestContext context(EVP_MD_CTX_new());
  RUNLEDGER_ASSERT(context);
  RUNLEDGER_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  RUNLEDGER_ASSERT(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                                  signed_bytes(text), text.size()) == 1);
  RUNLEDGER_ASSERT(size == kSignatureBytes);
  return signature;
}

}  // namespace runledger
