// Tests what the sanitiser removes, replaces and shortens.
#include "ledger/secrets/sanitized_text.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "ledger/base/utf8.h"
#include "tests/fixtures/data/secrets.h"

namespace runledger {
namespace {

std::string clean(std::string_view raw) {
  return sanitize(raw).str();
}

std::string repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

struct Case {
  std::string raw;
  std::string clean;
};

TEST(SanitizedText, KeepsPlainTextInAnyLanguage) {
  for (const std::string text : {"", "x", "429 from the service: try again in 30 s",
                                 "%s %n {} {0} '; DROP TABLE runs;--", "Größe überschritten – naïve façade",
                                 "日本語のエラー", "שגיאה", "ошибка", "😀 done 🎉", "e\u0301 and \u00e9", "\uFFFD"}) {
    EXPECT_EQ(clean(text), text);
  }
}

TEST(SanitizedText, TurnsLineEndsAndTabsIntoSpaces) {
  for (const Case& it : {Case{"a\nb", "a b"}, Case{"a\r\nb", "a  b"}, Case{"a\tb", "a b"}, Case{"a\v\fb", "a  b"},
                         Case{"a\u0085b", "a b"}, Case{"a\u2028b\u2029c", "a b c"}}) {
    EXPECT_EQ(clean(it.raw), it.clean);
  }
}

TEST(SanitizedText, RemovesControlBidirectionalAndZeroWidthCharacters) {
  for (const char32_t c : std::initializer_list<char32_t>{
           0x00,   0x01,   0x07,   0x08,   0x0E,   0x1B,   0x1F,   0x7F,    0x80,    0x84,    0x86,    0x99,
           0x9F,   0xAD,   0x34F,  0x61C,  0x180E, 0x200B, 0x200C, 0x200D,  0x200E,  0x200F,  0x202A,  0x202B,
           0x202C, 0x202D, 0x202E, 0x2060, 0x2061, 0x2064, 0x2066, 0x2067,  0x2068,  0x2069,  0x206F,  0xFDD0,
           0xFDEF, 0xFE0F, 0xFEFF, 0xFFF9, 0xFFFB, 0xFFFE, 0xFFFF, 0x1FFFE, 0xE0001, 0xE0041, 0xE0100, 0x10FFFF}) {
    std::string raw = "a";
    append_utf8(raw, c);
    EXPECT_EQ(clean(raw + "b"), "ab") << std::hex << static_cast<unsigned>(c);
  }
}

TEST(SanitizedText, RemovesTerminalSequencesAsAWhole) {
  for (const auto& it : std::initializer_list<Case>{
           {"\x1B[1;31mERROR\x1B[0m: disk full\x1B[m", "ERROR: disk full"},
           {"\x1B[38;5;208mdisk\x1B[2K full\x1B[?25h", "disk full"},
           {"\x1B]8;;http://x/\x1B\\docs\x1B]8;;\x1B\\ read", "docs read"},
           {"\x1B]0;title\x07text", "text"},
           {"\x1B(Btext\x1B=", "text"},
           {"\x1B\x1B[31mtext", "text"},
           {"\u009B31mtext", "text"},
           {"\u009D0;title\u009Ctext", "text"},
           {"\x1B]0;a title without an end", "0;a title without an end"},
           {"\x1B[31", ""},
           {"\x1B"
            "b",
            "b"},
       }) {
    EXPECT_EQ(clean(it.raw), it.clean);
    EXPECT_EQ(clean(clean(it.raw)), clean(it.raw));
  }
}

TEST(SanitizedText, KeepsTheNeighboursOfWhatItRemoves) {
  for (const char32_t c :
       std::initializer_list<char32_t>{0x20,   0x7E,   0xA0,   0xAC,   0xAE,    0x34E,   0x350,   0x61B,   0x61D,
                                       0x200A, 0x2010, 0x2027, 0x202F, 0x205F,  0x2070,  0xFDCF,  0xFDF0,  0xFE10,
                                       0xFEFE, 0xFF00, 0xFFFC, 0xFFFD, 0x10000, 0x1FFFD, 0xDFFFD, 0xE1000, 0x10FFFD}) {
    std::string raw = "a";
    append_utf8(raw, c);
    raw += "b";
    EXPECT_EQ(clean(raw), raw) << std::hex << static_cast<unsigned>(c);
  }
}

TEST(SanitizedText, ReplacesInvalidUtf8) {
  for (const Case& it :
       {Case{"a\xFF", "a\uFFFD"}, Case{"\x80", "\uFFFD"}, Case{"a\xC3", "a\uFFFD"}, Case{"\xC0\xAF", "\uFFFD\uFFFD"},
        Case{"\xE2\x82"
             "a",
             "\uFFFDa"},
        Case{"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"}, Case{"\xF0\x9F\x98", "\uFFFD"},
        Case{"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}, Case{"\xF0\x80\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}}) {
    EXPECT_EQ(clean(it.raw), it.clean);
  }
}

TEST(SanitizedText, CutsAtFiveHundredCharacters) {
  for (const std::string& character : {std::string("x"), std::string("é"), std::string("日"), std::string("😀")}) {
    EXPECT_EQ(clean(repeat(character, 499)), repeat(character, 499));
    EXPECT_EQ(clean(repeat(character, 500)), repeat(character, 500));
    EXPECT_EQ(clean(repeat(character, 501)), repeat(character, 499) + "…");
    EXPECT_EQ(clean(repeat(character, 5000)), repeat(character, 499) + "…");
  }
  EXPECT_EQ(clean(repeat("x", 499) + "😀"), repeat("x", 499) + "😀");
  EXPECT_EQ(clean(repeat("x", 499) + "😀y"), repeat("x", 499) + "…");
}

TEST(SanitizedText, CountsCharactersAfterRemovingTheInvisible) {
  EXPECT_EQ(clean(repeat("x\u200B", 500)), repeat("x", 500));
}

TEST(SanitizedText, LeavesNoPartOfASecretAtTheCut) {
  for (const fixtures::FakeSecret& fake : fixtures::fake_secrets()) {
    for (const std::size_t before : {400U, 470U, 488U, 495U, 499U, 500U}) {
      const std::string text = clean(repeat("x", before) + " " + fake.text + " " + repeat("y", 600));
      EXPECT_EQ(text.find(fake.secret.substr(0, 8)), std::string::npos) << fake.kind << " after " << before;
    }
  }
}

TEST(SanitizedText, FindsSecretsThatInvisibleCharactersSplit) {
  for (const fixtures::FakeSecret& fake : fixtures::fake_secrets()) {
    for (const std::string_view splitter : {"\u200B", "\u00AD", "\x01", "\u202E", "\uFEFF"}) {
      const std::size_t middle = fake.text.find(fake.secret) + fake.secret.size() / 2;
      const std::string split = fake.text.substr(0, middle) + std::string(splitter) + fake.text.substr(middle);
      EXPECT_EQ(clean(split).find(fake.secret), std::string::npos) << fake.kind;
      EXPECT_EQ(clean(split), clean(fake.text)) << fake.kind;
    }
  }
}

TEST(SanitizedText, FindsASentenceAfterAParameter) {
  EXPECT_EQ(clean("GET /x?state=1 and wrong password \"FvajYUBkwMkiEz\" for bob"),
            "GET /x?state=1 and wrong password \"[redacted]\" for bob");
}

TEST(SanitizedText, SaysWhereASecretWas) {
  EXPECT_EQ(clean("login of bob failed: password=hunter2\nretrying"),
            "login of bob failed: password=[redacted] retrying");
}

TEST(SanitizedText, OfTenMebibytesIsShort) {
  EXPECT_EQ(clean(std::string(10U * 1024 * 1024, 'x')), repeat("x", 499) + "…");
}

}  // namespace
}  // namespace runledger
