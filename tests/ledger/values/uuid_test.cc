// UUIDs: their only form, their versions and their order.
#include "ledger/values/uuid.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <set>
#include <string>

namespace runledger {
namespace {

template <class T>
std::string uuid_code_of(const Result<T>& result) {
  return result ? "" : result.rejection().code;
}

TEST(Uuids, AreReadInEitherCaseAndWrittenInLower) {
  const auto uuid = parse_uuid("550E8400-e29b-41D4-A716-446655440000", "run");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(format_uuid(*uuid), "550e8400-e29b-41d4-a716-446655440000");
  EXPECT_EQ(format_uuid(Uuid{}), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuids, AreReadInNoOtherForm) {
  for (const std::string& text : std::initializer_list<std::string>{
           "", "550e8400", "550e8400e29b41d4a716446655440000", "{550e8400-e29b-41d4-a716-446655440000}",
           "550e8400-e29b-41d4-a716-44665544000", "550e8400-e29b-41d4-a716-4466554400000",
           "550e8400-e29b-41d4-a716-44665544000g", "550e8400-e29b-41d4-a716_446655440000",
           "550e840-0e29b-41d4-a716-446655440000", " 550e8400-e29b-41d4-a716-44665544000",
           "urn:uuid:550e8400-e29b-41d4-a716-446655440000", "-50e8400-e29b-41d4-a716-446655440000",
           "550e8400-e29b-41d4-a716-44665544\u00e90"}) {
    EXPECT_EQ(uuid_code_of(parse_uuid(text, "run")), "run.invalid") << text;
    EXPECT_EQ(uuid_code_of(parse_uuid(text, "command_id")), "command_id.invalid") << text;
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

TEST(Uuids, OfOurOwnFormAreOfVersion8) {
  Uuid content;
  EXPECT_EQ(format_uuid(custom_uuid(content)), "00000000-0000-8000-8000-000000000000");
  content.bytes.fill(0xFF);
  EXPECT_EQ(format_uuid(custom_uuid(content)), "ffffffff-ffff-8fff-bfff-ffffffffffff");
}

TEST(Uuids, AreOrderedByTheirBytes) {
  const RunId low{*parse_uuid("00000000-0000-0000-0000-0000000000ff", "run")};
  const RunId middle{*parse_uuid("7fffffff-0000-0000-0000-000000000000", "run")};
  const RunId high{*parse_uuid("80000000-0000-0000-0000-000000000000", "run")};
  EXPECT_LT(low, middle);
  EXPECT_LT(middle, high);
  EXPECT_NE(std::hash<RunId>()(low), std::hash<RunId>()(high));
}

}  // namespace
}  // namespace runledger
