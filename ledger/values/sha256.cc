// SHA-256 by OpenSSL. The algorithm is fetched once and a context is kept per thread, because fetching costs more than
// hashing an event.
#include "ledger/values/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

EVP_MD_CTX& thread_context() {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  RUNLEDGER_ASSERT(context);
  return *context;
}

const EVP_MD* algorithm() {
  static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  RUNLEDGER_ASSERT(fetched != nullptr);
  return fetched;
}

}  // namespace

Digest<32> sha256(std::initializer_list<std::string_view> pieces) {
  EVP_MD_CTX& context = thread_context();
  RUNLEDGER_ASSERT(EVP_DigestInit_ex2(&context, algorithm(), nullptr) == 1);
  for (const std::string_view piece : pieces) {
    RUNLEDGER_ASSERT(EVP_DigestUpdate(&context, piece.data(), piece.size()) == 1);
  }
  Digest<32> digest;
  RUNLEDGER_ASSERT(EVP_DigestFinal_ex(&context, digest.bytes.data(), nullptr) == 1);
  return digest;
}

ContentDigest content_digest(std::initializer_list<std::string_view> pieces) {
  const Digest<32> whole = sha256(pieces);
  ContentDigest cut;
  std::copy_n(whole.bytes.begin(), cut.bytes.size(), cut.bytes.begin());
  return cut;
}

}  // namespace runledger
