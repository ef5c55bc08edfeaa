// Tables for people.
#include "tools/cli/output/table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "ledger/base/failure.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

// Returns the text that a table prints into a file.
std::string printed(Table& table) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "out";
  FILE* file = std::fopen(path.c_str(), "w");
  Output out(::fileno(file), path);
  table.print(out);
  out.flush();
  std::fclose(file);
  return read_file(path);
}

TEST(TablesForPeople, AlignTextLeftAndNumbersRight) {
  Table table({"NAME", "N", "LAST"});
  table.row({{"a"}, {"5"}, {"x"}});
  table.row({{"longer"}, {"1200"}, {"yy"}});
  EXPECT_EQ(printed(table),
            "NAME       N  LAST\n"
            "a          5  x\n"
            "longer  1200  yy\n");
}

TEST(TablesForPeople, CountCharactersAndNotBytes) {
  Table table({"NAME", "X"});
  table.row({{"éé"}, {"x"}});
  table.row({{"abc"}, {"x"}});
  EXPECT_EQ(printed(table),
            "NAME  X\n"
            "éé    x\n"
            "abc   x\n");
}

TEST(TablesForPeople, CountTheColumnsThatWideAndCombiningCharactersTake) {
  Table table({"NAME", "X"});
  table.row({{"東京"}, {"x"}});
  table.row({{"e\u0301e\u0301e\u0301"}, {"x"}});
  table.row({{"🚀1"}, {"x"}});
  table.row({{"\u1112\u1161\u11ab\u1100\u1173\u11af"}, {"x"}});  // Two syllables of Hangul, as their letters.
  EXPECT_EQ(printed(table),
            "NAME  X\n"
            "東京  x\n"
            "e\u0301e\u0301e\u0301   x\n"
            "🚀1   x\n"
            "\u1112\u1161\u11ab\u1100\u1173\u11af  x\n");
}

TEST(TablesForPeople, ArePrintedInPartsUnderOneHeader) {
  Table table({"NAME", "N"});
  table.row({{"longer"}, {"5"}});
  const std::string first = printed(table);
  table.row({{"a"}, {"12"}});
  EXPECT_EQ(first, "NAME    N\nlonger  5\n");
  EXPECT_EQ(printed(table), "a       12\n") << "aligned with the first part as far as it is no wider";
}

TEST(TablesForPeople, HaveNoColourOutsideATerminal) {
  Table table({"A"});
  table.row({{"x", Colour::kRed}});
  EXPECT_EQ(printed(table), "A\nx\n");
}

TEST(OutputToAFullDisk, FailsOnceAndThenIsSilent) {
  FILE* full = std::fopen("/dev/full", "w");
  Output out(::fileno(full), "/dev/full");
  out.line("text");
  EXPECT_THROW(out.flush(), Failure);
  out.line("more");
  EXPECT_NO_THROW(out.flush());
  std::fclose(full);
}

TEST(OutputOfMoreThanItsBuffer, IsWrittenInOrder) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "out";
  FILE* file = std::fopen(path.c_str(), "w");
  Output out(::fileno(file), path);
  std::string expected;
  for (const std::size_t size : {Output::kBufferMax - 1, std::size_t{1}, std::size_t{1}, Output::kBufferMax + 1,
                                 3 * Output::kBufferMax, std::size_t{10}}) {
    const std::string text(size, static_cast<char>('a' + expected.size() % 26));
    out.write(text);
    expected += text;
  }
  out.flush();
  std::fclose(file);
  EXPECT_TRUE(expected == read_file(path));
}

}  // namespace
}  // namespace runledger
