// AES-256-GCM, against published vectors.
#include "ledger/values/aes_gcm.h"

#include <gtest/gtest.h>

#include "ledger/values/digest.h"

namespace runledger {
namespace {

std::string bytes_in(std::string_view digits) {
  return parse_hex(digits).value();
}

// The test cases 13 and 14 of the submission to NIST (McGrew and Viega): key and nonce are zero.
TEST(AesGcmKey, OpensWhatTheStandardSeals) {
  const std::string nonce(AesGcmKey::kNonceBytes, '\0');
  EXPECT_EQ(AesGcmKey{}.open(nonce + bytes_in("530f8afbc74536b9a963b4f1c4cb738b"), ""), "");
  const std::string sealed = bytes_in("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  EXPECT_EQ(AesGcmKey{}.open(nonce + sealed, ""), std::string(16, '\0'));
}

TEST(AesGcmKey, OpensWhatItSealed) {
  const AesGcmKey key = AesGcmKey::random();
  for (const std::string& text : {std::string(), std::string("a"), std::string(70'000, 'x')}) {
    const std::string sealed = key.seal(text, "of run 1");
    EXPECT_EQ(sealed.size(), text.size() + AesGcmKey::kOverheadBytes);
    EXPECT_EQ(key.open(sealed, "of run 1"), text);
    EXPECT_NE(key.seal(text, "of run 1"), sealed) << "the nonce is random";
  }
}

TEST(AesGcmKey, OpensNothingThatItDidNotSeal) {
  const AesGcmKey key = AesGcmKey::random();
  const std::string sealed = key.seal("the content", "of run 1");
  EXPECT_EQ(key.open(sealed, "of run 2"), std::nullopt);
  EXPECT_EQ(AesGcmKey::random().open(sealed, "of run 1"), std::nullopt);
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_EQ(key.open(std::string_view(sealed).substr(0, size), "of run 1"), std::nullopt) << size;
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_EQ(key.open(changed, "of run 1"), std::nullopt) << at;
  }
}

}  // namespace
}  // namespace runledger
