// Calls OpenSSL's AES-256-GCM. The algorithm is fetched once, and each thread keeps one context for all its calls; a
// failure of OpenSSL is a bug.
#include "ledger/values/aes_gcm.h"

#include <openssl/evp.h>

#include <memory>

#include "ledger/base/assert.h"
#include "ledger/values/random_bytes.h"

namespace runledger {
namespace {

struct FreeGcmContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* gcm_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* gcm_bytes(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

EVP_CIPHER_CTX* gcm_context(const AesGcmKey& key, std::string_view nonce, std::string_view associated, bool encrypts) {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, FreeGcmContext> context(EVP_CIPHER_CTX_new());
  RUNLEDGER_ASSERT(cipher != nullptr && context);
  RUNLEDGER_ASSERT(nonce.size() == AesGcmKey::kNonceBytes);  // The length that OpenSSL expects by default.
  RUNLEDGER_ASSERT(
      EVP_CipherInit_ex2(context.get(), cipher, key.bytes.data(), gcm_bytes(nonce), encrypts ? 1 : 0, nullptr) == 1);
  int length = 0;
  RUNLEDGER_ASSERT(EVP_CipherUpdate(context.get(), nullptr, &length, gcm_bytes(associated),
                                    static_cast<int>(associated.size())) == 1);
  return context.get();
}

}  // namespace

AesGcmKey AesGcmKey::random() {
  return {random_bytes<32>()};
}

std::string AesGcmKey::seal(std::string_view text, std::string_view associated) const {
  std::string sealed(kOverheadBytes + text.size(), '\0');
  fill_random(gcm_bytes(sealed, 0), kNonceBytes);
  const std::string_view nonce = std::string_view(sealed).substr(0, kNonceBytes);
  EVP_CIPHER_CTX* const context = gcm_context(*this, nonce, associated, true);
  int length = 0;
  RUNLEDGER_ASSERT(EVP_CipherUpdate(context, gcm_bytes(sealed, kNonceBytes), &length, gcm_bytes(text),
                                    static_cast<int>(text.size())) == 1);
  RUNLEDGER_ASSERT(length == static_cast<int>(text.size()));
  RUNLEDGER_ASSERT(EVP_CipherFinal_ex(context, gcm_bytes(sealed, kNonceBytes + text.size()), &length) == 1);
  RUNLEDGER_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                                       gcm_bytes(sealed, kNonceBytes + text.size())) == 1);
  return sealed;
}

std::optional<std::string> AesGcmKey::open(std::string_view sealed, std::string_view associated) const {
  if (sealed.size() < kOverheadBytes) return std::nullopt;
  EVP_CIPHER_CTX* const context = gcm_context(*this, sealed.substr(0, kNonceBytes), associated, false);
  const std::string_view secret = sealed.substr(kNonceBytes, sealed.size() - kOverheadBytes);
  std::string text(secret.size() + 1, '\0');  // OpenSSL wants a place to write to, even for an empty text.
  int length = 0;
  RUNLEDGER_ASSERT(
      EVP_CipherUpdate(context, gcm_bytes(text, 0), &length, gcm_bytes(secret), static_cast<int>(secret.size())) == 1);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  RUNLEDGER_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
  if (EVP_CipherFinal_ex(context, gcm_bytes(text, secret.size()), &length) != 1) return std::nullopt;
  text.resize(secret.size());
  return text;
}

}  // namespace runledger
