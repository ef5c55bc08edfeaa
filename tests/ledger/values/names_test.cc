// Tests which texts are accepted as the names that users choose.
#include "ledger/values/names.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "tests/fixtures/data/secrets.h"
#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

// Texts that no kind of name accepts.
const std::initializer_list<std::string> kHostileNames{
    "",         " ",        "a b", "a\n",     "a\r\n", "a\tb", "\x1B[31m", std::string("a\0b", 3),
    "a\u202Eb", "a\u200Bb", "é",   "e\u0301", "日本",  "😀",    "\xFF",     "a\"b",
    "a'b",      "a;b",      "a%b", "a{b}",    "a\\b",  "a?b",  "a#b",      "a@b",
    "'; DROP",  "<b>",      "a,b", "a|b",     "a*b",   "a+b",  "a=b",      "a&b"};

TEST(ScopeNames, AreLettersDigitsAndFiveMarks) {
  for (const char* text :
       {"a", "A", "0", "acme", "Acme-01", "a.b_c:d/e-f", "550e8400-e29b-41d4-a716-446655440000", "..", "-"}) {
    EXPECT_EQ(code_of(parse_workspace(text)), "") << text;
    EXPECT_EQ(parse_tenant(text)->str(), text);
  }
  for (const std::string& text : kHostileNames) {
    EXPECT_EQ(code_of(parse_workspace(text)), "workspace.invalid") << text;
    EXPECT_EQ(code_of(parse_tenant(text)), "tenant.invalid") << text;
  }
}

TEST(ScopeNames, HaveAtMost128Characters) {
  EXPECT_EQ(code_of(parse_workspace(std::string(127, 'a'))), "");
  EXPECT_EQ(code_of(parse_workspace(std::string(128, 'a'))), "");
  EXPECT_EQ(code_of(parse_workspace(std::string(129, 'a'))), "workspace.invalid");
}

TEST(ScopeNames, DifferByCase) {
  EXPECT_NE(*parse_tenant("Contoso"), *parse_tenant("contoso"));
}

TEST(RunTypes, AreDottedWordsInLowerCase) {
  for (const char* text : {"a", "fetch", "assignments.fetch", "ops.reconcile_adapter_runs", "a.b.c.d", "a1.b_2", "a_"})
    EXPECT_EQ(code_of(parse_run_type(text)), "") << text;
  for (const char* text : {".", "a.", ".a", "a..b", "A", "a.B", "1a", "a.1b", "_a", "a._b", "a-b", "a/b", "a:b"})
    EXPECT_EQ(code_of(parse_run_type(text)), "type.invalid") << text;
  for (const std::string& text : kHostileNames) EXPECT_EQ(code_of(parse_run_type(text)), "type.invalid") << text;
}

TEST(RunTypes, HaveAtMost64Characters) {
  EXPECT_EQ(code_of(parse_run_type(std::string(63, 'a'))), "");
  EXPECT_EQ(code_of(parse_run_type(std::string(64, 'a'))), "");
  EXPECT_EQ(code_of(parse_run_type(std::string(65, 'a'))), "type.invalid");
}

TEST(ReasonCodes, HaveTwoWordsOrMore) {
  for (const char* text : {"graph.throttled", "worker.lease_expired", "a.b", "a.b.c"})
    EXPECT_EQ(code_of(parse_reason_code(text)), "") << text;
  for (const char* text :
       {"graph", "graph.", ".throttled", "Graph.throttled", "graph throttled", "graph-throttled.x", "1.2"})
    EXPECT_EQ(code_of(parse_reason_code(text)), "reason_code.invalid") << text;
  for (const std::string& text : kHostileNames)
    EXPECT_EQ(code_of(parse_reason_code(text)), "reason_code.invalid") << text;
}

TEST(ReasonCodes, HaveAtMost64Characters) {
  EXPECT_EQ(code_of(parse_reason_code("a." + std::string(62, 'b'))), "");
  EXPECT_EQ(code_of(parse_reason_code("a." + std::string(63, 'b'))), "reason_code.invalid");
}

TEST(CountKeys, AreOneWord) {
  for (const char* text : {"total", "items", "records_in", "a", "a1", "a_", "a__b"})
    EXPECT_EQ(code_of(parse_count_key(text)), "") << text;
  for (const char* text : {"a.b", "A", "Total", "1a", "_a", "a-b"})
    EXPECT_EQ(code_of(parse_count_key(text)), "counts.key_invalid") << text;
  for (const std::string& text : kHostileNames) EXPECT_EQ(code_of(parse_count_key(text)), "counts.key_invalid") << text;
  EXPECT_EQ(code_of(parse_count_key(std::string(64, 'a'))), "");
  EXPECT_EQ(code_of(parse_count_key(std::string(65, 'a'))), "counts.key_invalid");
}

TEST(Names, WithTheShapeOfACredentialAreRefused) {
  const std::string key = "gh" + ("p_" + std::string(36, 'a'));
  EXPECT_EQ(code_of(parse_workspace(key)), "workspace.secret");
  EXPECT_EQ(code_of(parse_tenant("t/" + key)), "tenant.secret");
  EXPECT_EQ(code_of(parse_run_type(key)), "type.secret");
  EXPECT_EQ(code_of(parse_reason_code("a." + key)), "reason_code.secret");
  EXPECT_EQ(code_of(parse_count_key(key)), "counts.key_secret");
}

TEST(Names, NeverRepeatACredentialInTheirRejection) {
  for (const fixtures::FakeSecret& fake : fixtures::fake_secrets()) {
    for (const auto& rejection : {parse_workspace(fake.text), parse_workspace("a " + fake.text)}) {
      ASSERT_FALSE(rejection) << fake.kind << ": " << fake.text;
      EXPECT_EQ(rejection.rejection().detail.str().find(fake.secret), std::string::npos) << fake.kind;
    }
    EXPECT_EQ(parse_run_type(fake.text).rejection().detail.str().find(fake.secret), std::string::npos) << fake.kind;
  }
}

}  // namespace
}  // namespace runledger
