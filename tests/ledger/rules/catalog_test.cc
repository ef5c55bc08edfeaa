// Tests which catalogs are accepted, and which defaults apply where a catalog does not set a value.
#include "ledger/rules/catalog.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

// Returns a catalog with one type that has the given members in addition.
std::string catalog_with(std::string_view members) {
  return R"({"types":[{"type":"a.b")" + std::string(members.empty() ? "" : ",") + std::string(members) + "}]}";
}

CatalogEntry entry_with(std::string_view members) {
  const auto catalog = Catalog::parse(catalog_with(members), Policy{});
  EXPECT_TRUE(catalog) << members << ": " << catalog.rejection().detail.str();
  return catalog->entry(*parse_run_type("a.b"));
}

TEST(Catalog, EntryWithoutAnythingHasTheDefaults) {
  const CatalogEntry entry = entry_with("");
  EXPECT_EQ(entry.type.str(), "a.b");
  EXPECT_EQ(entry.label, "");
  EXPECT_EQ(entry.scope, TypeScope::kAny);
  EXPECT_EQ(entry.policy, Policy{});
  EXPECT_TRUE(entry.identity.names.empty());
  EXPECT_TRUE(entry.identity.sets.empty());
  EXPECT_TRUE(entry.summary_keys.empty());
  EXPECT_TRUE(entry.outcomes.empty());
}

TEST(Catalog, EntryHasWhatItSays) {
  const CatalogEntry entry =
      entry_with(R"("label":"A to B","scope":"tenant","max_attempts":7,"backoff_seconds":1.5,"backoff_max_seconds":60,)"
                 R"("lease_seconds":0.25,"cooldown_seconds":10,"cooldown_from":"request",)"
                 R"("cooldown_after":["succeeded","blocked"],"identity_fields":["x","y"],"identity_sets":["y"],)"
                 R"("summary_keys":["total","items"],"outcomes":["succeeded","failed"])");
  EXPECT_EQ(entry.label, "A to B");
  EXPECT_EQ(entry.scope, TypeScope::kTenant);
  EXPECT_EQ(entry.policy.max_attempts, 7U);
  EXPECT_EQ(entry.policy.backoff.initial, microseconds(1'500'000));
  EXPECT_EQ(entry.policy.backoff.max, seconds(60));
  EXPECT_EQ(entry.policy.lease, microseconds(250'000));
  EXPECT_EQ(entry.policy.cooldown.length, seconds(10));
  EXPECT_EQ(entry.policy.cooldown.from, CooldownFrom::kRequest);
  EXPECT_TRUE(entry.policy.cooldown.after.contains(RunOutcome::kSucceeded));
  EXPECT_TRUE(entry.policy.cooldown.after.contains(RunOutcome::kBlocked));
  EXPECT_FALSE(entry.policy.cooldown.after.contains(RunOutcome::kFailed));
  EXPECT_EQ(entry.identity.names, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(entry.identity.sets, (std::vector<std::string>{"y"}));
  EXPECT_EQ(entry.summary_keys, (std::vector<CountKey>{*parse_count_key("total"), *parse_count_key("items")}));
  EXPECT_EQ(entry.outcomes, (std::vector<std::string>{"succeeded", "failed"}));
}

TEST(Catalog, MaySayHowOftenASuccessIsExpected) {
  EXPECT_FALSE(entry_with("").expect_every);
  EXPECT_EQ(entry_with(R"("expect_every_seconds":86400)").expect_every, seconds(86400));
  for (const char* wrong : {R"("expect_every_seconds":0)", R"("expect_every_seconds":0.5)",
                            R"("expect_every_seconds":"daily")", R"("expect_every_seconds":1e12)"})
    EXPECT_EQ(code_of(Catalog::parse(catalog_with(wrong), Policy{})), "catalog.malformed") << wrong;
}

TEST(Catalog, KeepsMicrosecondsOfFractions) {
  EXPECT_EQ(entry_with(R"("cooldown_seconds":0.000001)").policy.cooldown.length, microseconds(1));
  EXPECT_EQ(entry_with(R"("cooldown_seconds":0.1)").policy.cooldown.length, microseconds(100'000));
  EXPECT_EQ(entry_with(R"("cooldown_seconds":0)").policy.cooldown.length, microseconds(0));
}

TEST(Catalog, LimitOfTheBackoffIsNeverBelowItsStartUnlessSaid) {
  EXPECT_EQ(entry_with(R"("backoff_seconds":3600)").policy.backoff.max, seconds(3600));
  EXPECT_EQ(entry_with(R"("backoff_seconds":1)").policy.backoff.max, Backoff{}.max);
  EXPECT_EQ(entry_with(R"("backoff_seconds":3600,"backoff_max_seconds":60)").policy.backoff.max, seconds(60));
}

TEST(Catalog, GivesUnlistedTypesThePolicyForThem) {
  Policy unlisted;
  unlisted.cooldown.length = seconds(0);
  unlisted.max_attempts = 9;
  const auto catalog = Catalog::parse(catalog_with(""), unlisted);
  const CatalogEntry entry = catalog->entry(*parse_run_type("x.y"));
  EXPECT_TRUE(entry.type.str().empty());
  EXPECT_EQ(entry.policy, unlisted);
  EXPECT_EQ(entry.scope, TypeScope::kAny);
  EXPECT_TRUE(entry.summary_keys.empty());
  EXPECT_EQ(catalog->entry(*parse_run_type("a.b")).policy, Policy{});
}

TEST(Catalog, ThatIsEmptyListsNothing) {
  EXPECT_TRUE(Catalog::parse(R"({"types":[]})", Policy{})->entries().empty());
  EXPECT_TRUE(Catalog().entries().empty());
}

TEST(Catalog, ListsItsTypesByName) {
  const auto catalog = Catalog::parse(R"({"types":[{"type":"z"},{"type":"a"},{"type":"m"}]})", Policy{});
  std::string types;
  for (const auto& [type, entry] : catalog->entries()) types += type.str();
  EXPECT_EQ(types, "amz");
}

TEST(Catalog, IsMalformedWhereAMemberIsWrong) {
  for (const char* members : {R"("label":1)",
                              R"("scope":"tenants")",
                              R"("scope":null)",
                              R"("max_attempts":0)",
                              R"("max_attempts":1001)",
                              R"("max_attempts":1.5)",
                              R"("max_attempts":-1)",
                              R"("max_attempts":"3")",
                              R"("backoff_seconds":-1)",
                              R"("backoff_seconds":"30")",
                              R"("backoff_max_seconds":1e12)",
                              R"("lease_seconds":0)",
                              R"("lease_seconds":null)",
                              R"("cooldown_seconds":-0.1)",
                              R"("cooldown_from":"start")",
                              R"("cooldown_after":"succeeded")",
                              R"("cooldown_after":["pending"])",
                              R"("cooldown_after":["lost"])",
                              R"("cooldown_after":[1])",
                              R"("identity_fields":"x")",
                              R"("identity_fields":[""])",
                              R"("identity_fields":[1])",
                              R"("identity_sets":[""])",
                              R"("identity_fields":["a"],"identity_sets":["b"])",
                              R"("summary_keys":{})",
                              R"("summary_keys":[null])",
                              R"("outcomes":["pending"])",
                              R"("outcomes":["done"])",
                              R"("max_atempts":3)",
                              R"("Label":"x")"}) {
    EXPECT_EQ(code_of(Catalog::parse(catalog_with(members), {})), "catalog.malformed") << members;
  }
}

TEST(Catalog, IsMalformedWithAnotherFrame) {
  for (const char* json : {"{}", "[]", "1", R"({"types":{}})", R"({"types":[1]})", R"({"types":[{}]})",
                           R"({"types":[{"type":1}]})", R"({"types":[],"more":1})", R"({"type":[]})"}) {
    EXPECT_EQ(code_of(Catalog::parse(json, {})), "catalog.malformed") << json;
  }
}

TEST(Catalog, SaysTheCodeOfTheNameAtFault) {
  EXPECT_EQ(code_of(Catalog::parse(R"({"types":[{"type":"A B"}]})", {})), "type.invalid");
  EXPECT_EQ(code_of(Catalog::parse(catalog_with(R"("summary_keys":["Total"])"), {})), "counts.key_invalid");
  EXPECT_EQ(code_of(Catalog::parse(R"({"types":[{"type":"a"},{"type":"b"},{"type":"a"}]})", {})),
            "catalog.duplicate_type");
}

TEST(Catalog, IsStrictJson) {
  EXPECT_EQ(code_of(Catalog::parse("", {})), "json.malformed");
  EXPECT_EQ(code_of(Catalog::parse(R"({"types":[{"type":"a","type":"b"}]})", {})), "json.duplicate_key");
}

TEST(Catalog, AllowsTheLimitsThemselves) {
  EXPECT_EQ(entry_with(R"("max_attempts":1)").policy.max_attempts, 1U);
  EXPECT_EQ(entry_with(R"("max_attempts":1000)").policy.max_attempts, 1000U);
  EXPECT_EQ(entry_with(R"("lease_seconds":0.000001)").policy.lease, microseconds(1));
}

}  // namespace
}  // namespace runledger
