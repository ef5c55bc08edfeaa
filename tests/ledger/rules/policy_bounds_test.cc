// Tests how far a request may change the policy of its run.
#include "ledger/rules/policy_bounds.h"

#include <gtest/gtest.h>

#include "ledger/rules/catalog.h"

namespace runledger {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

OutcomeSet outcomes(std::initializer_list<RunOutcome> list) {
  OutcomeSet set;
  for (const RunOutcome outcome : list) set.insert(outcome);
  return set;
}

CatalogEntry entry(std::string_view members) {
  const auto catalog = Catalog::parse(R"({"types":[{"type":"a.b",)" + std::string(members) + "}]}", Policy{});
  EXPECT_TRUE(catalog) << catalog.rejection().detail.str();
  return catalog->entry(*parse_run_type("a.b"));
}

std::string code_of(const CatalogEntry& type, const PolicyChanges& changes) {
  const auto policy = changed_within(type.policy, changes, type.bounds);
  return policy ? "" : policy.rejection().code;
}

TEST(PolicyBoundsOfATypeWithoutAny, LetNothingBeChanged) {
  const CatalogEntry type = entry(R"("max_attempts":3)");
  EXPECT_EQ(code_of(type, {}), "");
  EXPECT_EQ(code_of(type, {.max_attempts = 3}), "") << "the type's own value is no change";
  for (const PolicyChanges& changes : {PolicyChanges{.max_attempts = 2},
                                       {.lease = seconds(61)},
                                       {.backoff = seconds(29)},
                                       {.cooldown = seconds(0)},
                                       {.cooldown_from = CooldownFrom::kRequest},
                                       {.cooldown_after = outcomes({RunOutcome::kFailed})}})
    EXPECT_EQ(code_of(type, changes), "policy.out_of_bounds");
}

TEST(PolicyBoundsOfAType, HoldAtBothEnds) {
  const CatalogEntry type = entry(R"("max_attempts":3,"max_attempts_min":2,"max_attempts_max":5,)"
                                  R"("lease_seconds_min":0.5,"cooldown_seconds_max":3600)");
  EXPECT_EQ(code_of(type, {.max_attempts = 1}), "policy.out_of_bounds");
  EXPECT_EQ(code_of(type, {.max_attempts = 2}), "");
  EXPECT_EQ(code_of(type, {.max_attempts = 5}), "");
  EXPECT_EQ(code_of(type, {.max_attempts = 6}), "policy.out_of_bounds");
  EXPECT_EQ(code_of(type, {.lease = std::chrono::milliseconds(500)}), "");
  EXPECT_EQ(code_of(type, {.lease = std::chrono::milliseconds(499)}), "policy.out_of_bounds");
  EXPECT_EQ(code_of(type, {.lease = seconds(61)}), "policy.out_of_bounds");
  EXPECT_EQ(code_of(type, {.cooldown = minutes(60)}), "");
  EXPECT_EQ(code_of(type, {.cooldown = minutes(14)}), "policy.out_of_bounds");
}

TEST(PolicyBoundsOfAType, OrderCooldownsByTheirEnd) {
  const CatalogEntry shorter = entry(R"("cooldown_from_min":"request")");
  EXPECT_EQ(code_of(shorter, {.cooldown_from = CooldownFrom::kRequest}), "");
  const CatalogEntry longer = entry(R"("cooldown_from":"request","cooldown_from_max":"completion")");
  EXPECT_EQ(code_of(longer, {.cooldown_from = CooldownFrom::kCompletion}), "");
}

TEST(PolicyBoundsOfAType, OrderSetsOfOutcomesByInclusion) {
  const CatalogEntry type = entry(R"("cooldown_after":["failed"],"cooldown_after_max":["failed","blocked"])");
  EXPECT_EQ(code_of(type, {.cooldown_after = outcomes({RunOutcome::kFailed, RunOutcome::kBlocked})}), "");
  EXPECT_EQ(code_of(type, {.cooldown_after = outcomes({RunOutcome::kBlocked})}), "policy.out_of_bounds");
  EXPECT_EQ(code_of(type, {.cooldown_after = outcomes({RunOutcome::kFailed, RunOutcome::kSucceeded})}),
            "policy.out_of_bounds");
  EXPECT_EQ(code_of(type, {.cooldown_after = OutcomeSet()}), "policy.out_of_bounds")
      << "an empty set has every outcome";
}

TEST(PolicyChangesOfARequest, ReplaceOnlyWhatTheyName) {
  const CatalogEntry type = entry(R"("backoff_seconds":10,"backoff_max_seconds":60,"backoff_seconds_max":100)");
  const Policy policy = *changed_within(type.policy, {.backoff = seconds(90)}, type.bounds);
  EXPECT_EQ(policy.backoff, (Backoff{seconds(90), seconds(90)})) << "the longest delay grows to the first one";
  Policy rest = policy;
  rest.backoff = type.policy.backoff;
  EXPECT_EQ(rest, type.policy);
}

TEST(PolicyBoundsOfAType, MustHoldItsOwnValues) {
  for (const char* members :
       {R"("max_attempts":3,"max_attempts_max":2)", R"("lease_seconds":60,"lease_seconds_min":61)",
        R"("cooldown_after":["failed"],"cooldown_after_max":["blocked"])", R"("max_attempts_min":0)",
        R"("cooldown_from_min":"start")"}) {
    const auto catalog = Catalog::parse(R"({"types":[{"type":"a.b",)" + std::string(members) + "}]}", Policy{});
    ASSERT_FALSE(catalog) << members;
    EXPECT_EQ(catalog.rejection().code, "catalog.malformed") << members;
  }
}

}  // namespace
}  // namespace runledger
