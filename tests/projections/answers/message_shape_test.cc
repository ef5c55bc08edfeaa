// Messages of one cause have one shape, and messages of two causes have two.
#include "projections/answers/message_shape.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(MessageShape, HasNoNumbersIdsOrQuotedTexts) {
  EXPECT_EQ(message_shape("429 after 5 tries"), "# after # tries");
  EXPECT_EQ(message_shape("run 3f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 is gone"), "run # is gone");
  EXPECT_EQ(message_shape("commit deadbeef01 failed"), "commit # failed");
  EXPECT_EQ(message_shape("no such column \"tenant_7\""), "no such column \"…\"");
  EXPECT_EQ(message_shape("policy p-118 was deleted meanwhile"), "policy p-# was deleted meanwhile");
  EXPECT_EQ(message_shape("queue_12 and shard-3-of-9"), "queue_# and shard-#-of-#");
}

TEST(MessageShape, KeepsWordsThatHaveDigitsInThem) {
  EXPECT_EQ(message_shape("sha256 of oauth2 differs"), "sha256 of oauth2 differs");
  EXPECT_EQ(message_shape(""), "");
  EXPECT_EQ(message_shape("--__"), "--__");
}

TEST(MessageShape, TakesAnApostropheForNoQuote) {
  EXPECT_EQ(message_shape("it doesn't exist and can't be made"), "it doesn't exist and can't be made");
  EXPECT_EQ(message_shape("an open 'quote stays"), "an open 'quote stays");
}

TEST(MessageShape, IsCutAtACharacter) {
  std::string long_text;
  for (int i = 0; i < 100; ++i) long_text += "ä";
  EXPECT_EQ(message_shape(long_text), long_text.substr(0, 160) + "…");
  EXPECT_EQ(message_shape("x" + long_text), "x" + long_text.substr(0, 158) + "…");
}

}  // namespace
}  // namespace runledger
