// Texts with arbitrary bytes.
#include "ledger/base/utf8.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(ValidUtf8, IsTheTextWithAMarkForEachRunOfOtherBytes) {
  EXPECT_EQ(valid_utf8("plain, \u00e9 and \U0001f602"), "plain, \u00e9 and \U0001f602");
  EXPECT_EQ(valid_utf8("a\xff\xfe z\xe2\x82"), "a\uFFFD\uFFFD z\uFFFD");
  EXPECT_EQ(valid_utf8(""), "");
}

}  // namespace
}  // namespace runledger
