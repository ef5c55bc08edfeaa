// Ed25519 against the vectors of RFC 8032, section 7.1.
#include "ledger/values/ed25519.h"

#include <gtest/gtest.h>

#include <cstring>

#include "ledger/values/digest.h"

namespace runledger {
namespace {

struct Vector {
  const char* secret;
  const char* key;
  const char* text;
  const char* signature;
};

constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
     "5"
     "5141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
     "0"
     "0d291612bb0c00"},
};

TEST(Ed25519, SignsAndVerifiesAsTheStandardSays) {
  for (const Vector& vector : kVectors) {
    Ed25519Key key;
    std::memcpy(key.bytes.data(), parse_hex(vector.secret)->data(), key.bytes.size());
    const std::string text = *parse_hex(vector.text);
    const std::string signature = *parse_hex(vector.signature);
    EXPECT_EQ(format_hex(view_of(key.public_key().bytes)), vector.key);
    EXPECT_EQ(key.sign(text), signature);
    EXPECT_TRUE(key.public_key().verifies(text, signature));
  }
}

TEST(Ed25519, RefusesEveryOtherTextKeyAndSignature) {
  const Ed25519Key key = Ed25519Key::random();
  const std::string signature = key.sign("text");
  EXPECT_FALSE(key.public_key().verifies("Text", signature));
  EXPECT_FALSE(Ed25519Key::random().public_key().verifies("text", signature));
  EXPECT_FALSE(Ed25519PublicKey().verifies("text", signature)) << "a key that is no point of the curve";
  EXPECT_FALSE(key.public_key().verifies("text", ""));
  EXPECT_FALSE(key.public_key().verifies("text", signature + "x"));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(key.public_key().verifies("text", changed)) << i;
  }
}

}  // namespace
}  // namespace runledger
