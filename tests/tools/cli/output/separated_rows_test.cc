// CSV and TSV.
#include "tools/cli/output/separated_rows.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "ledger/values/json.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

std::string printed(Separation separation, const std::vector<std::string>& objects) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "out";
  FILE* file = std::fopen(path.c_str(), "w");
  Output out(::fileno(file), path);
  SeparatedRows rows(separation, {"a", "b"}, out);
  for (const std::string& object : objects) rows.row(need(parse_json(object, {})));
  out.flush();
  std::fclose(file);
  return read_file(path);
}

TEST(SeparatedRows, BeginWithTheNamesOfTheMembers) {
  EXPECT_EQ(printed(Separation::kCommas, {}), "a,b\n");
  EXPECT_EQ(printed(Separation::kTabs, {}), "a\tb\n");
}

TEST(SeparatedRows, LeaveOutNullAndShowTheRestAsJson) {
  EXPECT_EQ(printed(Separation::kTabs, {R"({"a":null})", R"({"b":{"y":1,"x":[true,1.5]},"a":7})"}),
            "a\tb\n\t\n7\t{\"x\":[true,1.5],\"y\":1}\n");
}

TEST(SeparatedRows, OfCsvAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(printed(Separation::kCommas, {R"({"a":"plain text","b":"a,b"})", R"({"a":"say \"hi\"","b":"two\nlines"})",
                                          R"({"a":{"x":1},"b":"ends\r"})"}),
            "a,b\n"
            "plain text,\"a,b\"\n"
            "\"say \"\"hi\"\"\",\"two\nlines\"\n"
            "\"{\"\"x\"\":1}\",\"ends\r\"\n");
}

TEST(SeparatedRows, OfTsvAreOnOneLineEach) {
  EXPECT_EQ(printed(Separation::kTabs, {R"({"a":"1\t2\n3\r4\\5","b":"\"q\",é"})"}),
            "a\tb\n1\\t2\\n3\\r4\\\\5\t\"q\",é\n");
}

}  // namespace
}  // namespace runledger
