// The table of collections, and the paths of requests within each.
#include "jobs/graph/policy_collection.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/ascii.h"

namespace runledger {

namespace {

constexpr PolicyCollection kCollections[] = {
    {"configuration", "/deviceManagement/configurationPolicies"},
    {"device_configuration", "/deviceManagement/deviceConfigurations"},
    {"compliance", "/deviceManagement/deviceCompliancePolicies"},
};

}  // namespace

// $select excludes the settings of the policies, which may hold secrets.
std::string PolicyCollection::list_path() const {
  return fmt::format("{}?$select=id&$expand=assignments", path);
}

std::string PolicyCollection::assignments_path(std::string_view policy) const {
  return fmt::format("{}/{}/assignments", path, policy);
}

std::string PolicyCollection::assign_path(std::string_view policy) const {
  return fmt::format("{}/{}/assign", path, policy);
}

const PolicyCollection* find_policy_collection(std::string_view type) {
  const auto* found = std::find_if(std::begin(kCollections), std::end(kCollections),
                                   [&](const PolicyCollection& collection) { return collection.type == type; });
  return found == std::end(kCollections) ? nullptr : found;
}

bool is_policy_id(std::string_view text) {
  constexpr std::size_t kBytesMax = 128;
  return !text.empty() && text.size() <= kBytesMax && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace runledger
