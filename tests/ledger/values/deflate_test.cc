// Compression of short texts.
#include "ledger/values/deflate.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(Deflate, GivesBackEveryText) {
  for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'x'), std::string("\0\1\2", 3)})
    EXPECT_EQ(inflate_text(deflate_text(text), text.size()), text);
  EXPECT_LT(deflate_text(std::string(100'000, 'x')).size(), 200U);
}

TEST(Deflate, RefusesATextThatIsLongerThanAllowed) {
  const std::string deflated = deflate_text(std::string(1000, 'x'));
  EXPECT_EQ(inflate_text(deflated, 999), std::nullopt);
  EXPECT_TRUE(inflate_text(deflated, 1000));
}

TEST(Deflate, RefusesWhatIsNotTheWholeOfADeflatedText) {
  const std::string deflated = deflate_text("the content of an event, the content of an event");
  EXPECT_EQ(inflate_text(deflated + "x", 1000), std::nullopt);
  for (std::size_t size = 0; size < deflated.size(); ++size)
    EXPECT_EQ(inflate_text(std::string_view(deflated).substr(0, size), 1000), std::nullopt) << size;
  EXPECT_EQ(inflate_text("\xff\xff\xff\xff", 1000), std::nullopt);
}

}  // namespace
}  // namespace runledger
