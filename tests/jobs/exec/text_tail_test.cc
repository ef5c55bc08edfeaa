// The end of a text, without secrets and without parts of secrets.
#include "jobs/exec/text_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string last(std::string_view text, std::size_t characters_max) {
  TextTail tail;
  tail.feed(text);
  return tail.last(characters_max);
}

TEST(TextTail, IsTheWholeOfAShortText) {
  EXPECT_EQ(last("", 10), "");
  EXPECT_EQ(last("one\ntwo\n", 10), "one two");
  EXPECT_EQ(last("0123456789", 10), "0123456789");
}

TEST(TextTail, IsTheEndOfALongOne) {
  EXPECT_EQ(last("0123456789a", 10),
            "\xE2\x80\xA6"
            "23456789a");
  EXPECT_EQ(last("abc\xC3\xA4\xC3\xB6\xC3\xBC", 4), "\xE2\x80\xA6\xC3\xA4\xC3\xB6\xC3\xBC");
  EXPECT_EQ(last("ab", 1), "\xE2\x80\xA6");
}

TEST(TextTail, ForgetsWhatIsLongAgo) {
  TextTail tail;
  for (int i = 0; i < 100'000; ++i) tail.feed("line " + std::to_string(i) + "\n");
  tail.feed("the end");
  EXPECT_THAT(tail.last(30), HasSubstr("line 99999 the end"));
  tail.feed(std::string(TextTail::kBytesMax, 'x'));
  EXPECT_THAT(tail.last(30), Not(HasSubstr("the end")));
}

TEST(TextTail, SaysThatItIsCutAlsoWhereWhatIsLeftIsShort) {
  TextTail tail;
  tail.feed("begin");
  tail.feed(std::string(TextTail::kBytesMax, ' '));
  tail.feed("end");
  EXPECT_EQ(tail.last(10),
            "\xE2\x80\xA6"
            "end");
}

TEST(TextTail, HoldsNoRestOfATerminalSequence) {
  const std::string title = "\x1B]0;backup of app\x07";
  const std::string link = "\x1B]8;;https://example.org/a\x1B\\here\x1B]8;;\x1B\\";
  EXPECT_EQ(last("\x1B[1;31mno\x1B[0m space " + title + link, 440), "no space here");
  for (std::size_t size = 0; size < title.size(); ++size)
    EXPECT_EQ(last("no space " + title.substr(0, size), 440), "no space") << size;
  for (const std::string end : {"\x1B", "\x1B[", "\x1B[38;5;1", "\x1B(", "\x1B]8;;https://a\x1B", "\xC2\x9Dtitle"})
    EXPECT_EQ(last("no space" + end, 440), "no space") << end;
  EXPECT_EQ(last("\x1B]title\nno space", 440), "title no space") << "an error after an open sequence is kept";
  // Wherever the cut is, no part of a sequence is left over.
  for (std::size_t kept = 1; kept <= title.size(); ++kept) {
    const std::string after = std::string(TextTail::kBytesMax - kept, ' ') + "end";
    EXPECT_EQ(last(title + after, 440), "…end") << kept;
  }
}

TEST(TextTail, HoldsNoHalfOfASecret) {
  const std::string secret = "sk_live_" + std::string(24, 'a') + "Zz90";
  for (std::size_t length = 1; length < 60; ++length)
    EXPECT_THAT(last("could not log in with api_key=" + secret + " at all", length), Not(HasSubstr("Zz90"))) << length;
}

TEST(TextTail, HoldsNoHalfOfASecretThatWasCutInFront) {
  const std::string secret = "password=S3cr3tPassw0rdThatIsLong0123456789";
  for (std::size_t kept = 1; kept < secret.size(); ++kept) {
    const std::string hidden(TextTail::kBytesMax - kept, '\0');
    EXPECT_EQ(last(secret + hidden, 440), "\xE2\x80\xA6") << kept;
    EXPECT_EQ(last("password: S3cr3tPassw0rdThatIsLong0123456789" + hidden, 440), "\xE2\x80\xA6") << kept;
  }
}

TEST(TextTail, HoldsNoHalfOfASecretThatLiesWhereItsContextEnds) {
  const std::string secret = "connect with password: S3cr3tPassw0rd\1ThatIsLong0123456789 now";
  for (std::size_t shown = 1; shown <= secret.size(); ++shown) {
    // That many characters of the secret are after the context.
    const std::string after(TextTail::kBytesMax - TextTail::kContextBytes - shown, '\0');
    const std::string found = last(std::string(TextTail::kBytesMax, 'x') + " " + secret + after, 440);
    EXPECT_THAT(found, Not(testing::ContainsRegex("S3cr|Passw0rd|IsLong|6789"))) << shown;
  }
}

TEST(TextTail, HoldsNothingOfASecretWithoutABlankThatIsLongerThanWhatIsKept) {
  EXPECT_EQ(last("password=" + std::string(2 * TextTail::kBytesMax, 'z'), 440), "\xE2\x80\xA6");
}

// Returns a private key whose text is longer than what a tail keeps, without its last line.
std::string long_key() {
  std::string key =
      "-----BEGIN RSA "
      "PRIVATE KEY-----\n";
  while (key.size() < 3 * TextTail::kBytesMax) key += std::string(60, 'M') + "4Ab/\n";
  return key;
}

TEST(TextTail, HoldsNothingOfAPrivateKeyThatIsLongerThanWhatIsKept) {
  EXPECT_EQ(last("reading\n" + long_key(), 500), "…");
  EXPECT_EQ(last("reading\n" + long_key() +
                     "-----END RSA "
                     "PRIVATE KEY-----\nno such host\n",
                 500),
            "…no such host");
}

TEST(TextTail, KnowsAPrivateKeyThatComesInPieces) {
  const std::string text = "reading\n" + long_key() +
                           "-----END RSA "
                           "PRIVATE KEY-----\nno such host\n";
  for (const std::size_t piece : {1UL, 7UL, 1000UL, 20000UL}) {
    TextTail tail;
    for (std::size_t at = 0; at < text.size(); at += piece) tail.feed(std::string_view(text).substr(at, piece));
    EXPECT_EQ(tail.last(500), "…no such host") << piece;
  }
}

}  // namespace
}  // namespace runledger
