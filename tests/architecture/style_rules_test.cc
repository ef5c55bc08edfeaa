// Checks that each style rule finds a bad sample, and leaves a good one alone.
//
// Each test makes a SourceTree of a few invented files, whose names and texts break one rule or almost break it, and
// applies that rule alone. The samples that must not be found are the cases in which a rule that reads text could be
// mistaken: a brace in a string, a mark in lower case, SQL words in a sentence.
//
// The samples are string literals of this file, which house_test.cc checks as well. So a sample that would violate a
// rule here is written in two pieces, and joined() puts them together at run time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/architecture/include_rules.h"
#include "tests/architecture/page_rules.h"
#include "tests/architecture/text_rules.h"
#include "tests/architecture/tree_rules.h"

namespace runledger::style {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> paths(const std::vector<Finding>& findings) {
  std::vector<std::string> paths;
  for (const Finding& finding : findings) paths.push_back(finding.path);
  return paths;
}

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// Joins a sample that is written in two pieces, so that the rules do not find it in this file.
std::string joined(const std::string& a, const std::string& b) {
  return a + b;
}

TEST(IncludeDirection, FindsAnIncludeOfAFolderAbove) {
  const SourceTree tree = {{"ledger/a.h", "#include \"projections/b.h\"\n"},
                           {"projections/c.cc", "#include \"projections/postgres/d.h\"\n"},
                           {"tools/e.cc", "#include \"tests/fixtures/f.h\"\n"},
                           {"jobs/g.cc", "#include \"ledger/a.h\"\n#include \"projections/postgres/d.h\"\n"},
                           {"jobs/i.cc", "#include \"clients/cpp/j.h\"\n"},
                           {"tests/h.cc", "#include \"tools/e.h\"\n#include \"tests/fixtures/f.h\"\n"}};
  EXPECT_THAT(paths(include_direction(tree)), ElementsAre("jobs/i.cc", "ledger/a.h", "projections/c.cc", "tools/e.cc"));
}

TEST(IncludeDirection, FindsAnIncludeOfARoomAboveWithinTheLedger) {
  const SourceTree tree = {{"ledger/base/a.h", "#include \"ledger/values/b.h\"\n"},
                           {"ledger/rules/c.cc", "#include \"ledger/log/store/d.h\"\n"},
                           {"ledger/log/store/e.cc", "#include \"ledger/sequencer.h\"\n"},
                           {"ledger/sequencer.cc", "#include \"ledger/log/f.h\"\n#include \"ledger/rules/c.h\"\n"},
                           {"ledger/exchange/g.cc", "#include \"ledger/ledger.h\"\n"},
                           {"ledger/ledger.cc", "#include \"ledger/exchange/g.h\"\n"}};
  EXPECT_THAT(paths(include_direction(tree)),
              ElementsAre("ledger/base/a.h", "ledger/ledger.cc", "ledger/log/store/e.cc", "ledger/rules/c.cc"));
}

TEST(LibraryHomes, FindsALibraryAwayFromItsHome) {
  const SourceTree tree = {{"ledger/rules/run.cc", "#include <rocksdb/db.h>\n"},
                           {"ledger/log/event_log.cc", "#include <rocksdb/db.h>\n"},
                           {"ledger/log/event_log.h", "#include <nlohmann/json.hpp>\n"},
                           {"ledger/log/codec.cc", "#include \"schema/event.capnp.h\"\n"},
                           {"ledger/values/json.cc", "#include <nlohmann/json.hpp>\n"},
                           {"ledger/log/wire.h", "#include \"schema/rpc.capnp.h\"\n"},
                           {"projections/folds/fold.cc", "#include \"schema/event.capnp.h\"\n"},
                           {"jobs/work.cc", "#include <nlohmann/json.hpp>\n#include <fmt/format.h>\n"},
                           {"tests/x_test.cc", "#include <pqxx/pqxx>\n"},
                           {"tools/runledger.cc", "#include <pqxx/pqxx>\n"}};
  EXPECT_THAT(paths(library_homes(tree)),
              ElementsAre("jobs/work.cc", "ledger/log/event_log.h", "ledger/log/wire.h", "ledger/rules/run.cc",
                          "projections/folds/fold.cc", "tools/runledger.cc"));
}

TEST(IncludeCycles, FindsFilesThatIncludeEachOther) {
  const SourceTree cycle = {{"ledger/a.h", "#include \"ledger/b.h\"\n"},
                            {"ledger/b.h", "#include \"ledger/c.h\"\n"},
                            {"ledger/c.h", "#include \"ledger/a.h\"\n"}};
  ASSERT_THAT(include_cycles(cycle), SizeIs(1));
  EXPECT_EQ(include_cycles(cycle)[0].what, "ledger/a -> ledger/b -> ledger/c -> ledger/a");
  const SourceTree diamond = {{"ledger/a.h", "#include \"ledger/b.h\"\n#include \"ledger/c.h\"\n"},
                              {"ledger/b.h", "#include \"ledger/d.h\"\n"},
                              {"ledger/c.h", "#include \"ledger/d.h\"\n"},
                              {"ledger/d.h", ""}};
  EXPECT_THAT(include_cycles(diamond), IsEmpty());
}

TEST(IncludeCycles, TakesAHeaderAndItsSourceForOne) {
  const SourceTree cycle = {{"ledger/a.h", ""},
                            {"ledger/a.cc", "#include \"ledger/a.h\"\n#include \"ledger/b.h\"\n"},
                            {"ledger/b.h", "#include \"ledger/a.h\"\n"}};
  ASSERT_THAT(include_cycles(cycle), SizeIs(1));
  EXPECT_EQ(include_cycles(cycle)[0].what, "ledger/a -> ledger/b -> ledger/a");
}

TEST(FileSizes, FindsLongFilesAndLongLines) {
  const SourceTree tree = {
      {"a/fits.h", repeated("x\n", kHeaderLinesMax)},      {"a/long.h", repeated("x\n", kHeaderLinesMax + 1)},
      {"a/long.cc", repeated("x\n", kFileLinesMax + 1)},   {"docs/long.md", repeated("x\n", kDocLinesMax + 1)},
      {"b/umlauts.cc", repeated("ä", kColumnsMax) + "\n"}, {"b/wide.sql", repeated("ä", kColumnsMax + 1) + "\n"}};
  EXPECT_THAT(paths(file_sizes(tree)), ElementsAre("a/long.cc", "a/long.h", "b/wide.sql", "docs/long.md"));
}

TEST(FileSizes, FindsLongLinesOfProseButNotOfTablesAndCode) {
  const std::string wide = repeated("x", kColumnsMax + 1) + "\n";
  const SourceTree tree = {{"docs/prose.md", "```\n" + wide + "```\n" + wide}, {"docs/table.md", "| " + wide}};
  const std::vector<Finding> findings = file_sizes(tree);
  EXPECT_THAT(paths(findings), ElementsAre("docs/prose.md"));
  EXPECT_EQ(findings[0].line, 4);
}

TEST(FunctionLengths, FindsALongFunctionWhereverItStands) {
  const std::string body = repeated("  work();\n", kFunctionLinesMax - 1);
  const SourceTree tree = {{"a/free.cc", "namespace a {\nvoid f() {\n" + body + "}\n}\n"},
                           {"a/member.cc", "class A {\n  int f() const {\n" + body + "}\n};\n"},
                           {"a/constructor.cc", "A::A(int x)\n    : a_{x}, b_(y) {\n" + body + "}\n"},
                           {"a/test.cc", "TEST(A, B) {\n" + body + "}\n"}};
  EXPECT_THAT(paths(function_lengths(tree)), ElementsAre("a/constructor.cc", "a/free.cc", "a/member.cc", "a/test.cc"));
}

TEST(FunctionLengths, LeavesTablesAndManyShortFunctionsAlone) {
  const std::string body = repeated("  work();\n", kFunctionLinesMax - 2);
  const SourceTree tree = {{"a/fits.cc", "void f() {\n" + body + "}\nvoid g() {\n" + body + "}\n"},
                           {"a/brace_in_text.cc", "void f() { puts(\"{\"); }\n// {\nvoid g() {\n" + body + "}\n"},
                           {"a/table.cc", "const int kTable[] = {\n" + repeated("  1,\n", 100) + "};\n"},
                           {"a/class.cc", "class A {\n" + repeated("  int f() { return 1; }\n", 100) + "};\n"}};
  EXPECT_THAT(function_lengths(tree), IsEmpty());
}

TEST(Leftovers, FindsMarksThatMustNotLeaveADesk) {
  const SourceTree tree = {{"a.cc", joined("// FIX", "ME: later\n")},
                           {"b.sql", joined("-- XX", "X\n")},
                           {"c.cc", joined("// TO", "DO: think\n")},
                           {"d.cc", joined("// TO", "DO(perf): measure\n")},
                           {"e.cc", "// a prefix of xxx and a fixme in lower case\n"}};
  EXPECT_THAT(paths(leftovers(tree)), ElementsAre("a.cc", "b.sql", "c.cc"));
}

TEST(PurposeLines, FindsFilesThatDoNotSayWhatTheyAre) {
  const SourceTree tree = {{"a.cc", "#include <x>\n"},
                           {"b.h", "// stuff\n"},
                           {"c.h", "// Says what it is, and goes on\n// on a second line.\n"},
                           {"d.sql", "-- Makes the table of runs.\n"},
                           {"e", "#!/bin/sh\nset -e\n"},
                           {"f", "#!/bin/sh\n# Runs all of the tests.\n"},
                           {"g.cc", ""},
                           {"CMakeLists.txt", "project(x)\n"}};
  EXPECT_THAT(paths(purpose_lines(tree)), ElementsAre("CMakeLists.txt", "a.cc", "b.h", "e", "g.cc"));
}

TEST(SqlHomes, FindsSqlOutsideItsFolders) {
  const SourceTree tree = {{"ledger/a.cc", "run(\"select id from operation_runs\");\n"},
                           {"tools/b.cc", "run(R\"(\n  INSERT INTO t VALUES (1))\");\n"},
                           {"tools/c.cc", "say(\"select a run with --run\"); // delete from here\n"},
                           {"projections/postgres/d.cc", "run(\"delete from t\");\n"},
                           {"tests/e_pg_test.cc", "run(\"drop table t\");\n"}};
  EXPECT_THAT(paths(sql_homes(tree)), ElementsAre("ledger/a.cc", "tools/b.cc"));
}

TEST(TestNames, FindsNamesThatAreNoSentence) {
  const SourceTree tree = {{"tests/a_test.cc", "TEST(Run, Finish) {}\n"},
                           {"tests/b_test.cc", "TEST_F(Run, FinishWith_AnOldToken) {}\n"},
                           {"tests/c_test.cc", "TEST(Run, FinishWithAnOldTokenIsRecordedAsLate) {}\n"}};
  EXPECT_THAT(paths(test_names(tree)), ElementsAre("tests/a_test.cc", "tests/b_test.cc"));
}

TEST(PageImports, FindsWhatIsNotOfThePage) {
  const SourceTree tree = {{"web/a.ts", "import { h } from \"preact\";\nimport { b } from \"./parts/b\";\n"},
                           {"web/parts/b.tsx", "import { a } from \"../a\";\nimport { x } from \"left-pad\";\n"},
                           {"web/parts/c.ts", "import { y } from \"../../tools/y\";\n"},
                           {"web/parts/d.ts", "import { z } from \"./gone\";\n"}};
  EXPECT_THAT(paths(page_imports(tree)), ElementsAre("web/parts/b.tsx", "web/parts/c.ts", "web/parts/d.ts"));
}

TEST(PageRoutes, FindsPathsThatTheInterfaceDoesNotHave) {
  const SourceTree tree = {
      {"schema/openapi.json", R"({"paths": {"/v1/runs": {}, "/v1/runs/{id}": {}, "/v1/runs/{id}/events": {}}})"},
      {"web/a.ts", "get(\"v1/runs\"); get(`v1/runs/${id}`); get(`v1/runs/${id}/events?after=${n}`);\n"},
      {"web/b.ts", "get(\"v1/jobs\");\n"},
      {"web/c.ts", "get(`v1/runs/${id}/eventz`);\n"}};
  EXPECT_THAT(paths(page_routes(tree)), ElementsAre("web/b.ts", "web/c.ts"));
}

TEST(PageSafety, FindsWaysFromTextToCodeAndToOtherOrigins) {
  const SourceTree tree = {{"web/a.tsx", joined("element.inner", "HTML = text;\n")},
                           {"web/b.css", joined("a { background: url", "(x.png); }\n")},
                           {"web/c.html", joined("<p onclick", "=\"x()\">\n")},
                           {"web/d.ts", joined("fetch(\"https:", "//example.org\")\n")},
                           {"web/e.tsx", "<rect fill=\"url(#hatch)\" onClick={go} />\n"},
                           {"web/vendor/p/f.ts", joined("eval", "(x)\n")}};
  EXPECT_THAT(paths(page_safety(tree)), ElementsAre("web/a.tsx", "web/b.css", "web/c.html", "web/d.ts"));
}

TEST(PageVendor, FindsAFileThatWasChangedAndOneWithoutALicence) {
  const std::string sums =
      "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c  p.mjs\n"
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  LICENSE\n";
  const SourceTree tree = {{"web/vendor/a/SHA256SUMS", sums}, {"web/vendor/a/p.mjs", "foo\n"},
                           {"web/vendor/a/LICENSE", ""},      {"web/vendor/b/SHA256SUMS", sums},
                           {"web/vendor/b/p.mjs", "fooo\n"},  {"web/vendor/b/LICENSE", ""},
                           {"web/vendor/c/SHA256SUMS", sums}, {"web/vendor/c/p.mjs", "foo\n"}};
  EXPECT_THAT(paths(page_vendor(tree)), ElementsAre("web/vendor/b/p.mjs", "web/vendor/c/p.mjs"));
}

TEST(BannedNames, FindsNamesThatNameNoConcept) {
  const SourceTree tree = {{"ledger/string_util.h", ""},
                           {"ledger/helpers/x.cc", ""},
                           {"ledger/utility_bill.h", ""},
                           {"tests/common.h", ""},
                           {"tools/service.cc", ""}};
  EXPECT_THAT(paths(banned_names(tree)),
              ElementsAre("ledger/helpers/x.cc", "ledger/string_util.h", "tests/common.h", "tools/service.cc"));
}

TEST(FoldersDocumented, FindsAFolderThatTheArchitecturePageDoesNotName) {
  const SourceTree tree = {{"docs/architecture.md", "docs/ ledger/ tests/\n"},
                           {"ledger/a.cc", ""},
                           {"tests/ledger/a_test.cc", ""},
                           {"tests/secret/b_test.cc", ""},
                           {"web/c.cc", ""}};
  EXPECT_THAT(paths(folders_documented(tree)), ElementsAre("tests/secret", "web"));
}

TEST(GoldenFiles, FindsAKindOfEventWithoutOne) {
  const SourceTree tree = {{"tests/fixtures/data/golden/adopted.hex", ""},
                           {"tests/fixtures/data/golden/erased.hex", ""},
                           {"tests/fixtures/data/golden/recovered.hex", ""},
                           {"tests/fixtures/data/golden/restored.hex", ""},
                           {"tests/fixtures/data/golden/requested.hex", ""},
                           {"tests/fixtures/data/golden/attempt_started_v1.hex", ""},
                           {"tests/fixtures/data/golden/attempt-finished.hex", ""},
                           {"tests/fixtures/data/golden/failed.hex", ""},
                           {"tests/fixtures/deduped.hex", ""}};
  ASSERT_THAT(golden_files(tree), SizeIs(1));
  EXPECT_EQ(golden_files(tree)[0].what, "no file for deduped");
}

TEST(DocLinks, FindsALinkThatLeadsNowhere) {
  const SourceTree tree = {{"README.md", "[a](docs/a.md#part) [b](docs/b.md) [c](https://example.org) [d](docs/)\n"},
                           {"docs/a.md", "[up](../README.md) [e](#here)\n"}};
  ASSERT_THAT(doc_links(tree), SizeIs(1));
  EXPECT_EQ(doc_links(tree)[0].what, "links to docs/b.md, which is not there");
}

TEST(GuaranteesShown, FindsATestThatIsNotThere) {
  const SourceTree tree = {{"docs/guarantees.md", "`Crash.LosesNothing` `Crash.KeepsAllOfIt` `runledger verify`\n"},
                           {"tests/ledger/a_crash_test.cc", "TEST_F(Crash, KeepsAllOfIt) {}\n"}};
  ASSERT_THAT(guarantees_shown(tree), SizeIs(1));
  EXPECT_EQ(guarantees_shown(tree)[0].what, "no test Crash.LosesNothing");
  EXPECT_THAT(guarantees_shown({{"docs/guarantees.md", "trust us\n"}}), SizeIs(1));
}

TEST(Exceptions, TakeAwayWhatTheyName) {
  const std::vector<Finding> findings = {{"file_sizes", "a.cc", 0, "long"}, {"file_sizes", "b.cc", 0, "long"}};
  EXPECT_THAT(paths(apply_exceptions(findings, "# note\nfile_sizes a.cc # a table\n")), ElementsAre("b.cc"));
}

TEST(Exceptions, AreFindingsThemselvesWhenNotNeededOrWithoutAReason) {
  EXPECT_THAT(apply_exceptions({}, "file_sizes a.cc # a table\n"), SizeIs(1));
  EXPECT_THAT(apply_exceptions({{"file_sizes", "a.cc", 0, "long"}}, "file_sizes a.cc\n"), SizeIs(1));
}

}  // namespace
}  // namespace runledger::style
