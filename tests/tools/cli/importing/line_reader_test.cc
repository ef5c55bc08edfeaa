// Lines of files: their ends, limits, byte order marks, and the effects of damage.
#include "tools/cli/importing/line_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using testing::ElementsAre;

class LinesOfAFile : public testing::Test {
 protected:
  std::string file(const std::string& content) {
    const std::string path = directory.path() / "file";
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  std::vector<std::string> read(const std::string& content, std::size_t bytes_max = 100) {
    LineReader reader(file(content), bytes_max);
    std::vector<std::string> texts;
    while (const std::optional<Line> line = reader.next()) {
      EXPECT_EQ(texts.size() + 1, line->number);
      texts.push_back(std::string(line->text) + (line->whole ? "" : "…"));
    }
    EXPECT_EQ(reader.damage(), std::nullopt);
    return texts;
  }

  TemporaryDirectory directory;
};

TEST_F(LinesOfAFile, EndWithLfOrCrLfOrTheFile) {
  EXPECT_THAT(read(""), ElementsAre());
  EXPECT_THAT(read("a"), ElementsAre("a"));
  EXPECT_THAT(read("a\nb\r\n\nc"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(read("a\rb\n"), ElementsAre("a\rb")) << "a single carriage return does not end a line";
  EXPECT_THAT(read("\n\n"), ElementsAre("", ""));
}

TEST_F(LinesOfAFile, KeepTheCarriageReturnInTheirRawForm) {
  LineReader reader(file("a\r\n"), 100);
  EXPECT_EQ(reader.next()->raw, "a\r");
}

TEST_F(LinesOfAFile, LoseAByteOrderMarkAtTheBeginningOnly) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "a\n\xEF\xBB\xBF"
                   "b"),
              ElementsAre("a",
                          "\xEF\xBB\xBF"
                          "b"));
  EXPECT_THAT(read("\xEF\xBB\xBF"), ElementsAre());
}

TEST_F(LinesOfAFile, AreCutAtTheLimitExactly) {
  EXPECT_THAT(read("12345\nx\n", 5), ElementsAre("12345", "x"));
  EXPECT_THAT(read("123456\nx\n", 5), ElementsAre("12345…", "x"));
  EXPECT_THAT(read("123456", 5), ElementsAre("12345…"));
  EXPECT_THAT(read("12345", 5), ElementsAre("12345"));
}

TEST_F(LinesOfAFile, AreFoundAcrossBlocks) {
  std::string content;
  std::vector<std::string> expected;
  for (std::size_t n = 0; n < 3000; ++n) {
    expected.emplace_back(n % 1009, static_cast<char>('a' + n % 26));
    content += expected.back() + "\n";
  }
  EXPECT_EQ(expected, read(content, 2000));
  EXPECT_EQ(expected, read(journal::gzipped(content), 2000)) << "the compressed lines are the same";
}

TEST_F(LinesOfAFile, ThatAreTooLongCanBeReadToTheirEnd) {
  const std::string endless(1'000'000, 'x');
  LineReader reader(file(endless + "\nnext\n"), 10);
  std::string whole(reader.next()->text);
  reader.read_rest([&](std::string_view piece) { whole += piece; });
  EXPECT_EQ(endless, whole);
  EXPECT_EQ(reader.next()->text, "next");
}

TEST_F(LinesOfAFile, ThatIsCutOrBrokenCompressedAreReadUpToTheDamage) {
  std::string content;
  for (int n = 0; n < 50'000; ++n) content += std::to_string(n * 7919) + "\n";
  const std::string packed = journal::gzipped(content);
  for (const std::size_t kept : {packed.size() / 2, packed.size() - 1, std::size_t{30}}) {
    LineReader reader(file(packed.substr(0, kept)), 100);
    while (reader.next()) {
    }
    ASSERT_TRUE(reader.damage()) << kept;
    EXPECT_THAT(*reader.damage(), testing::HasSubstr("ends too early"));
  }
  std::string changed = packed;
  // Changes a byte of the checksum at the end.
  changed[changed.size() - 6] = static_cast<char>(changed[changed.size() - 6] ^ 1);
  LineReader reader(file(changed), 100);
  std::uint64_t lines = 0;
  while (reader.next()) ++lines;
  EXPECT_TRUE(reader.damage());
}

TEST_F(LinesOfAFile, ComeFromEveryGzipMember) {
  const std::string members = journal::gzipped("a\nb") + journal::gzipped("c\n") + journal::gzipped("");
  EXPECT_THAT(read(members), ElementsAre("a", "bc"));
  EXPECT_THAT(read(members + std::string(700'000, '\0')), ElementsAre("a", "bc"));
  EXPECT_THAT(read(members + std::string(512, '\0') + journal::gzipped("d\n")), ElementsAre("a", "bc", "d"));
}

TEST_F(LinesOfAFile, NeverEndSilentlyAfterAGzipMember) {
  const std::string first = journal::gzipped("1\n2\n");
  const std::string second = journal::gzipped("3\n4\n");
  std::vector<std::string> files = {first + "3\n", first + "x", first + std::string(10, '\0') + "3\n"};
  for (std::size_t kept = 1; kept < second.size(); ++kept) files.push_back(first + second.substr(0, kept));
  // Bytes 3 to 9 of a header are flags, a time and the like: another value of them may be sound.
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{2}, second.size() - 8, second.size() - 1}) {
    files.push_back(first + second);
    files.back()[first.size() + at] = static_cast<char>(files.back()[first.size() + at] ^ 0xff);
  }
  for (const std::string& content : files) {
    LineReader reader(file(content), 100);
    std::uint64_t lines = 0;
    while (reader.next()) ++lines;
    EXPECT_TRUE(reader.damage()) << content.size();
    EXPECT_GE(lines, 2U) << content.size();
  }
}

TEST_F(LinesOfAFile, ThatIsOneByteLongMayBeginLikeGzip) {
  EXPECT_THAT(read("\x1f"), ElementsAre("\x1f"));
}

TEST_F(LinesOfAFile, ThatCannotBeOpenedFail) {
  for (const std::string& path : {std::string("/nonexistent"), directory.path().string()}) {
    const SeenFailure failure = failure_of([&] { LineReader reader(path, 10); });
    EXPECT_EQ(failure.code, "journal.unreadable") << path;
    EXPECT_EQ(failure.remedy, Remedy::kCorrectInput) << path;
  }
}

}  // namespace
}  // namespace runledger
