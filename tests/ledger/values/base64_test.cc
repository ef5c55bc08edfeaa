// Base64 against the vectors of RFC 4648, section 10, and against texts that other decoders let pass.
#include "ledger/values/base64.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(Base64, IsThatOfTheStandard) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xFB\xFF", "+/8="}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(format_base64(bytes), text);
    EXPECT_EQ(parse_base64(text), bytes);
  }
}

TEST(Base64, HasOneTextForEachSequenceOfBytes) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zg==\n", "Zg== ", " Zg==", "Zm9v=", "Zm 9v", "-_8=", "Zm9vYmF=", "Z",
                           "=", "====", "Zg==Zg=="})
    EXPECT_EQ(parse_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace runledger
