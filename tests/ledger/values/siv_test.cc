// AES-SIV and the derivation of its keys, against published vectors.
#include "ledger/values/siv.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ledger/values/digest.h"

namespace runledger {
namespace {

std::string from_hex(std::string_view digits) {
  return parse_hex(digits).value();
}

// RFC 5297, A.1.
struct Vector {
  SivKey key;
  std::string associated = from_hex("101112131415161718191a1b1c1d1e1f2021222324252627");
  std::string text = from_hex("112233445566778899aabbccddee");
  std::string sealed = from_hex("85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c");

  Vector() {
    const std::string bytes = from_hex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
  }
};

TEST(SivKey, SealsAndOpensAsTheStandardSays) {
  const Vector vector;
  EXPECT_EQ(format_hex(vector.key.seal(vector.text, vector.associated)), format_hex(vector.sealed));
  EXPECT_EQ(vector.key.open(vector.sealed, vector.associated), vector.text);
}

TEST(SivKey, OpensNothingThatItDidNotSeal) {
  const Vector vector;
  EXPECT_EQ(vector.key.open(vector.sealed, vector.associated + "x"), std::nullopt);
  EXPECT_EQ(SivKey{}.open(vector.sealed, vector.associated), std::nullopt);
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 29U}) {
    EXPECT_EQ(vector.key.open(vector.sealed.substr(0, size), vector.associated), std::nullopt) << size;
  }
}

}  // namespace
}  // namespace runledger
