// Digests in hexadecimal digits.
#include "ledger/values/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace runledger {
namespace {

TEST(Hex, IsWrittenInLowerCaseAndReadInEither) {
  EXPECT_EQ(format_hex(std::string("\x00\x7F\xAB\xFF", 4)), "007fabff");
  EXPECT_EQ(parse_hex("007fABff"), std::string("\x00\x7F\xAB\xFF", 4));
  EXPECT_EQ(parse_hex(""), "");
  EXPECT_EQ(parse_hex("0"), std::nullopt);
  EXPECT_EQ(parse_hex("0g"), std::nullopt);
  EXPECT_EQ(parse_hex(" 0"), std::nullopt);
}

TEST(Digests, AreReadFromTwoDigitsForEachByte) {
  EXPECT_EQ(parse_digest<3>("007Fab"), (Digest<3>{{0x00, 0x7F, 0xAB}}));
  for (const char* other : {"", "007fa", "007fab0", "007fab00", "007fag"})
    EXPECT_EQ(parse_digest<3>(other), std::nullopt) << other;
}

TEST(Identities, AreReadFrom64HexDigits) {
  const std::string text = "74bd1283155f76dce4723e50ad234817539951c632e1fda51ba0226e2b9a8953";
  const auto identity = parse_identity(text);
  ASSERT_TRUE(identity);
  EXPECT_EQ(format_identity(*identity), text);
  for (const std::string& other : {text.substr(1), text + "00", std::string()}) {
    const auto refused = parse_identity(other);
    ASSERT_FALSE(refused) << other;
    EXPECT_EQ(refused.rejection().code, "identity.invalid");
  }
}

}  // namespace
}  // namespace runledger
