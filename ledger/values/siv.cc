// Calls OpenSSL's AES-128-SIV. The algorithm is fetched once; a failure of OpenSSL is a bug.
#include "ledger/values/siv.h"

#include <openssl/evp.h>

#include <memory>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

const unsigned char* unsigned_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

CipherContext siv_context(const SivKey& key, bool encrypts) {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-SIV", nullptr);
  RUNLEDGER_ASSERT(cipher != nullptr);
  CipherContext context(EVP_CIPHER_CTX_new());
  RUNLEDGER_ASSERT(context);
  RUNLEDGER_ASSERT(EVP_CipherInit_ex2(context.get(), cipher, key.bytes.data(), nullptr, encrypts ? 1 : 0, nullptr) ==
                   1);
  return context;
}

void set_associated(EVP_CIPHER_CTX* context, std::string_view associated) {
  RUNLEDGER_ASSERT(!associated.empty());  // OpenSSL before 3.0.10 ignores an empty one (CVE-2023-2975).
  int length = 0;
  RUNLEDGER_ASSERT(
      EVP_CipherUpdate(context, nullptr, &length, unsigned_of(associated), static_cast<int>(associated.size())) == 1);
}

// Returns false when the text was not sealed with this key and associated text.
bool crypt(EVP_CIPHER_CTX* context, std::string_view text, char* out) {
  int length = 0;
  auto* const bytes = reinterpret_cast<unsigned char*>(out);
  return EVP_CipherUpdate(context, bytes, &length, unsigned_of(text), static_cast<int>(text.size())) == 1 &&
         EVP_CipherFinal_ex(context, bytes + length, &length) == 1;
}

}  // namespace

std::string SivKey::seal(std::string_view text, std::string_view associated) const {
  RUNLEDGER_ASSERT(!text.empty());
  const CipherContext context = siv_context(*this, true);
  set_associated(context.get(), associated);
  std::string sealed(kTagBytes + text.size(), '\0');
  RUNLEDGER_ASSERT(crypt(context.get(), text, sealed.data() + kTagBytes));
  RUNLEDGER_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, sealed.data()) == 1);
  return sealed;
}

std::optional<std::string> SivKey::open(std::string_view sealed, std::string_view associated) const {
  if (sealed.size() <= kTagBytes) return std::nullopt;
  std::string tag(sealed.substr(0, kTagBytes));
  std::string text(sealed.size() - kTagBytes, '\0');
  const CipherContext context = siv_context(*this, false);
  RUNLEDGER_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
  set_associated(context.get(), associated);
  if (!crypt(context.get(), sealed.substr(kTagBytes), text.data())) return std::nullopt;
  return text;
}

}  // namespace runledger
