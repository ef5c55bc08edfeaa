// Tests what the detector reads in a text, and which bytes of the text that came from.
#include "ledger/secrets/folded_text.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace runledger {
namespace {

struct Folding {
  std::string raw;
  std::string folded;
};

TEST(FoldedText, ShowsLettersSpacesAndPunctuationOfAllFormsAsPlainOnes) {
  for (const Folding& it : std::initializer_list<Folding>{
           {"plain text 100 %", "plain text 100 %"},
           {"ｐａｓｓｗｏｒｄ＝ｘ", "password=x"},
           {"𝐩𝐚𝐬𝐬: x", "pass: x"},
           {"contraseña", "contrasena"},
           {"contrasen\u0303a", "contrasena"},
           {"ПАРОЛЬ", "пароль"},
           {"ﾊﾟｽ", "ハス"},
           {"パス", "ハス"},
           {"비밀", "비밀"},
           {"a\u00A0b\u3000c\u202Fd", "a b c d"},
           {"“x” ‘y’ «z» 「v」", "\"x\" 'y' \"z\" \"v\""},
           {"a — b → c", "a - b => c"},
           {"ﷺ", "ﷺ"},
       }) {
    EXPECT_EQ(folded(it.raw), it.folded);
  }
}

TEST(FoldedText, UndoesEscapesAndKeepsQuotesOfAnotherLevelApart) {
  for (const Folding& it : std::initializer_list<Folding>{
           {"a&#61;b &#x3A; &colon; &lt;p&gt;", "a=b : : <p>"},
           {"&quot;x&quot; &amp;amp;quot;x", "\\\"x\\\" \\\"x"},
           {"a\\u003db \\\\u003d \\x3d \\u{3d}", "a=b = = ="},
           {"\\u0022x\\u0022", "\\\"x\\\""},
           {"\\ud83d\\ude00", "😀"},
           {"a%3Db %253a %22", "a=b : \\\""},
           {"a%26b%20c 50% &nothing; \\n \\\" \\u12", "a%26b%20c 50% &nothing; \\n \\\" \\u12"},
           {"\\u0000 &#0; &#xD800; &#x110000;", "\\u0000 &#0; &#xD800; &#x110000;"},
       }) {
    EXPECT_EQ(folded(it.raw), it.folded);
  }
}

TEST(FoldedText, HasNoTerminalSequences) {
  for (const Folding& it : std::initializer_list<Folding>{
           {"a\x1B[31mb", "ab"},
           {"a\\u001b[31mb\\x1b[0mc\\e[1md\\033[me", "abcde"},
           {"a[0mb[1;31mc", "abc"},
           {"x[m] a[1] [0] [12:30m", "x[m] a[1] [0] [12:30m"},
       }) {
    EXPECT_EQ(folded(it.raw), it.folded);
  }
}

// Returns the bytes that the first occurrence of `part` in the folded text was made from.
std::string origin_of(std::string_view raw, std::string_view part) {
  const FoldedText text(raw);
  const std::size_t begin = text.view().find(part);
  const TextSpan origin = text.origin_of({begin, begin + part.size()});
  return std::string(raw.substr(origin.begin, origin.end - origin.begin));
}

TEST(FoldedText, LeadsBackToWholeCharactersAndEscapes) {
  EXPECT_EQ(origin_of("plain x", "x"), "x");
  EXPECT_EQ(origin_of("ｐｗ＝ｘｙ z", "xy"), "ｘｙ");
  EXPECT_EQ(origin_of("a&#61;b", "="), "&#61;");
  EXPECT_EQ(origin_of("a&#61;b", "b"), "b");
  EXPECT_EQ(origin_of("é&amp;x", "e&"), "é&amp;");
  EXPECT_EQ(origin_of("p\x1B[0m=\x1B[1mabc\x1B[0m d", "abc"), "abc");
  EXPECT_EQ(origin_of("p=ab[0mcd", "abcd"), "ab[0mcd");
  EXPECT_EQ(origin_of("㎏x", "g"), "㎏");
}

TEST(FoldedText, LeavesInvalidBytesAsTheyAre) {
  EXPECT_EQ(folded("a\xFF\xC3 b"), "a\xFF\xC3 b");
}

}  // namespace
}  // namespace runledger
