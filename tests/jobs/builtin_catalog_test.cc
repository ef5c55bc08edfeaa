// The types that come with runledger, with the values that the design gives them.
#include "jobs/builtin_catalog.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace runledger {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

CatalogEntry builtin(std::string_view type) {
  return builtin_catalog().entry(*parse_run_type(type));
}

std::vector<std::string> keys_of(const CatalogEntry& entry) {
  std::vector<std::string> keys;
  for (const CountKey& key : entry.summary_keys) keys.push_back(key.str());
  return keys;
}

TEST(BuiltinCatalog, ListsTheThreeJobs) {
  std::vector<std::string> types;
  const Catalog catalog = builtin_catalog();
  for (const auto& [type, entry] : catalog.entries()) types.push_back(type.str());
  EXPECT_EQ(types,
            (std::vector<std::string>{"assignments.fetch", "assignments.restore", "ops.reconcile_adapter_runs"}));
}

TEST(BuiltinCatalog, FetchesForATenantOnceInAQuarterOfAnHour) {
  const CatalogEntry entry = builtin("assignments.fetch");
  EXPECT_EQ(entry.scope, TypeScope::kTenant);
  EXPECT_EQ(entry.policy.cooldown.length, minutes(15));
  EXPECT_EQ(entry.policy.cooldown.from, CooldownFrom::kCompletion);
  EXPECT_EQ(entry.identity.names, (std::vector<std::string>{"policy_ids", "policy_type"}));
  EXPECT_EQ(keys_of(entry),
            (std::vector<std::string>{"total", "processed", "succeeded", "failed", "skipped", "items"}));
}

TEST(BuiltinCatalog, RestoresASnapshotForATenant) {
  const CatalogEntry entry = builtin("assignments.restore");
  EXPECT_EQ(entry.scope, TypeScope::kTenant);
  EXPECT_EQ(entry.identity.names, (std::vector<std::string>{"snapshot_id", "policy_ids"}));
  EXPECT_EQ(keys_of(entry), (std::vector<std::string>{"total", "processed", "succeeded", "failed", "skipped"}));
}

TEST(BuiltinCatalog, ReconcilesForAWorkspaceWithoutACooldown) {
  const CatalogEntry entry = builtin("ops.reconcile_adapter_runs");
  EXPECT_EQ(entry.scope, TypeScope::kWorkspace);
  EXPECT_EQ(entry.policy.cooldown.length, seconds(0));
  EXPECT_EQ(keys_of(entry), (std::vector<std::string>{"total", "reconciled", "skipped", "failed"}));
}

TEST(BuiltinCatalog, HasALabelAndOutcomesForEachType) {
  const Catalog catalog = builtin_catalog();
  for (const auto& [type, entry] : catalog.entries()) {
    EXPECT_FALSE(entry.label.empty()) << type.str();
    EXPECT_FALSE(entry.outcomes.empty()) << type.str();
  }
}

TEST(BuiltinCatalog, GivesOtherTypesTheDefaultPolicy) {
  EXPECT_EQ(builtin("vendor.sync").policy, Policy{});
}

}  // namespace
}  // namespace runledger
