// Names of things: what is one, what is not, and how they are written.
#include "ledger/values/ids.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <set>
#include <string>

#include "tests/fixtures/data/secrets.h"
#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

// Texts that no name may be.
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

TEST(Uuids, AreReadInEitherCaseAndWrittenInLower) {
  const auto uuid = parse_uuid("550E8400-e29b-41D4-A716-446655440000", "run");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(format_uuid(*uuid), "550e8400-e29b-41d4-a716-446655440000");
  EXPECT_EQ(format_uuid(boost::uuids::uuid{}), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuids, AreReadInNoOtherForm) {
  for (const std::string& text : std::initializer_list<std::string>{
           "", "550e8400", "550e8400e29b41d4a716446655440000", "{550e8400-e29b-41d4-a716-446655440000}",
           "550e8400-e29b-41d4-a716-44665544000", "550e8400-e29b-41d4-a716-4466554400000",
           "550e8400-e29b-41d4-a716-44665544000g", "550e8400-e29b-41d4-a716_446655440000",
           "550e840-0e29b-41d4-a716-446655440000", " 550e8400-e29b-41d4-a716-44665544000",
           "urn:uuid:550e8400-e29b-41d4-a716-446655440000", "-50e8400-e29b-41d4-a716-446655440000",
           "550e8400-e29b-41d4-a716-44665544\u00e90"}) {
    EXPECT_EQ(code_of(parse_uuid(text, "run")), "run.invalid") << text;
    EXPECT_EQ(code_of(parse_uuid(text, "command_id")), "command_id.invalid") << text;
  }
}

TEST(Uuids, ByNameAreThoseOfRfc4122) {
  const auto dns = *parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "space");
  const auto url = *parse_uuid("6ba7b811-9dad-11d1-80b4-00c04fd430c8", "space");
  EXPECT_EQ(format_uuid(name_based_uuid(dns, "www.example.com")), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(format_uuid(name_based_uuid(dns, "import")), "a8652a1b-29a3-56eb-a0b3-e082465ae16d");
  EXPECT_EQ(format_uuid(name_based_uuid(url, "")), "1b4db7eb-4057-5ddf-91e0-36dec72071f5");
}

TEST(Uuids, AtRandomAreOfVersion4AndAllDifferent) {
  std::set<std::string> different;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = format_uuid(random_uuid());
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
    different.insert(text);
  }
  EXPECT_EQ(different.size(), 1000U);
}

TEST(Uuids, AreOrderedByTheirBytes) {
  const RunId low{*parse_uuid("00000000-0000-0000-0000-0000000000ff", "run")};
  const RunId middle{*parse_uuid("7fffffff-0000-0000-0000-000000000000", "run")};
  const RunId high{*parse_uuid("80000000-0000-0000-0000-000000000000", "run")};
  EXPECT_LT(low, middle);
  EXPECT_LT(middle, high);
  EXPECT_NE(std::hash<RunId>()(low), std::hash<RunId>()(high));
}

TEST(Hex, IsWrittenInLowerCaseAndReadInEither) {
  EXPECT_EQ(format_hex(std::string("\x00\x7F\xAB\xFF", 4)), "007fabff");
  EXPECT_EQ(parse_hex("007fABff"), std::string("\x00\x7F\xAB\xFF", 4));
  EXPECT_EQ(parse_hex(""), "");
  EXPECT_EQ(parse_hex("0"), std::nullopt);
  EXPECT_EQ(parse_hex("0g"), std::nullopt);
  EXPECT_EQ(parse_hex(" 0"), std::nullopt);
}

TEST(Identities, AreReadFrom64HexDigits) {
  const std::string text = "74bd1283155f76dce4723e50ad234817539951c632e1fda51ba0226e2b9a8953";
  const auto identity = parse_identity(text);
  ASSERT_TRUE(identity);
  EXPECT_EQ(format_identity(*identity), text);
  EXPECT_EQ(code_of(parse_identity(text.substr(1))), "identity.invalid");
  EXPECT_EQ(code_of(parse_identity(text + "00")), "identity.invalid");
  EXPECT_EQ(code_of(parse_identity("")), "identity.invalid");
}

}  // namespace
}  // namespace runledger
