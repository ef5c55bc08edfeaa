// SHA-256, and the HMAC and HKDF made of it, by OpenSSL. The algorithm is fetched once and a context is kept per
// thread, because fetching costs more than hashing an event.
#include "ledger/values/sha256.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

EVP_MD_CTX& thread_context() {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  RUNLEDGER_ASSERT(context);
  return *context;
}

const EVP_MD* algorithm() {
  static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  RUNLEDGER_ASSERT(fetched != nullptr);
  return fetched;
}

struct FreeKdfContext {
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

OSSL_PARAM bytes_param(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
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

struct Sha256::Context {
  DigestContext of{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  RUNLEDGER_ASSERT(context_->of);
  RUNLEDGER_ASSERT(EVP_DigestInit_ex2(context_->of.get(), algorithm(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view piece) {
  RUNLEDGER_ASSERT(EVP_DigestUpdate(context_->of.get(), piece.data(), piece.size()) == 1);
}

Digest<32> Sha256::finish() {
  Digest<32> digest;
  RUNLEDGER_ASSERT(EVP_DigestFinal_ex(context_->of.get(), digest.bytes.data(), nullptr) == 1);
  return digest;
}

ContentDigest content_digest(std::initializer_list<std::string_view> pieces) {
  const Digest<32> whole = sha256(pieces);
  ContentDigest cut;
  std::copy_n(whole.bytes.begin(), cut.bytes.size(), cut.bytes.begin());
  return cut;
}

// It is written by hand, because OpenSSL 3's own HMAC spends several times the digest's time on its setup.
Digest<32> hmac_sha256(const std::array<unsigned char, 32>& key, std::string_view content) {
  std::array<unsigned char, 64> inner_pad{};
  std::array<unsigned char, 64> outer_pad{};
  std::copy(key.begin(), key.end(), inner_pad.begin());
  std::copy(key.begin(), key.end(), outer_pad.begin());
  for (unsigned char& byte : inner_pad) byte ^= 0x36U;
  for (unsigned char& byte : outer_pad) byte ^= 0x5CU;
  const Digest<32> inner = sha256({view_of(inner_pad), content});
  return sha256({view_of(outer_pad), bytes_of(inner)});
}

std::array<unsigned char, 32> hkdf_sha256(std::string_view secret, std::string_view purpose) {
  static EVP_KDF* const hkdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  RUNLEDGER_ASSERT(hkdf != nullptr);
  const std::unique_ptr<EVP_KDF_CTX, FreeKdfContext> context(EVP_KDF_CTX_new(hkdf));
  RUNLEDGER_ASSERT(context);
  char digest[] = "SHA256";
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                          bytes_param(OSSL_KDF_PARAM_KEY, secret), bytes_param(OSSL_KDF_PARAM_INFO, purpose),
                          OSSL_PARAM_construct_end()};
  std::array<unsigned char, 32> key{};
  RUNLEDGER_ASSERT(EVP_KDF_derive(context.get(), key.data(), key.size(), params.data()) == 1);
  return key;
}

}  // namespace runledger
