// Reads inputs member by member, and leaves none over.
#include "jobs/graph/assignments_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "jobs/worker/job.h"

namespace runledger {

namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& what) {
  throw JobFailure(*parse_reason_code("assignments.input_invalid"), what, false);
}

json members_of(const RunInput& input, std::initializer_list<std::string_view> known) {
  json members = json::parse(input.canonical());
  for (const auto& [name, value] : members.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      refuse(fmt::format("expected no members but {}, found \"{}\"", fmt::join(known, " and "), name));
  }
  return members;
}

PolicyIds policy_ids_of(const json& members) {
  const auto list = members.find("policy_ids");
  if (list == members.end()) return {};
  if (!list->is_array() || list->empty()) refuse("expected policy_ids to be a list of at least one id");
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (const json& id : *list) {
    if (!id.is_string() || !is_policy_id(id.get_ref<const std::string&>()))
      refuse("expected ids of 1 to 128 characters of A-Z a-z 0-9 . _ - in policy_ids");
    if (seen.insert(id).second) ids.push_back(id);
  }
  return ids;
}

}  // namespace

FetchInput parse_fetch_input(const RunInput& input) {
  const json members = members_of(input, {"policy_type", "policy_ids"});
  FetchInput parsed;
  const auto type = members.find("policy_type");
  const bool named = type != members.end();
  if (!named || type->is_string())
    parsed.collection = find_policy_collection(named ? type->get_ref<const std::string&>() : kDefaultPolicyType);
  if (parsed.collection == nullptr)
    refuse("expected policy_type to be configuration, device_configuration or compliance");
  parsed.policy_ids = policy_ids_of(members);
  return parsed;
}

RestoreInput parse_restore_input(const RunInput& input) {
  const json members = members_of(input, {"snapshot_id", "policy_ids"});
  const auto snapshot = members.find("snapshot_id");
  if (snapshot == members.end() || !snapshot->is_string()) refuse("expected snapshot_id, the run that fetched it");
  const auto run = parse_uuid(snapshot->get_ref<const std::string&>(), "snapshot_id");
  if (!run) refuse("expected snapshot_id to be the id of a run");
  return {.snapshot = RunId{*run}, .policy_ids = policy_ids_of(members)};
}

}  // namespace runledger
