// Reads inputs member by member, and refuses members that it does not know.
#include "jobs/graph/assignments_input.h"

#include <set>

#include "jobs/worker/job.h"
#include "ledger/values/json_object.h"

namespace runledger {

namespace {

PolicyIds policy_ids_of(const JsonObject& in) {
  if (!in.has("policy_ids")) return {};
  const std::vector<std::string_view> list = in.texts("policy_ids");
  if (list.empty()) in.refuse_member("policy_ids", "a list of at least one id", "an empty one");
  std::vector<std::string> ids;
  std::set<std::string_view> seen;
  for (const std::string_view id : list) {
    if (!is_policy_id(id)) in.refuse_member("policy_ids", "ids of 1 to 128 characters of A-Z a-z 0-9 . _ -", "another");
    if (seen.insert(id).second) ids.emplace_back(id);
  }
  return ids;
}

// Returns what `read` returns for the input; a refusal becomes a JobFailure.
template <class Read>
auto read_input(const RunInput& input, const Read& read) {
  const JsonValue value = input.value();
  try {
    return read(JsonObject(value, "the input", "assignments.input_invalid"));
  } catch (const Refused& refused) {
    throw JobFailure(*parse_reason_code(refused.rejection().code), refused.rejection().detail.str(), false);
  }
}

}  // namespace

FetchInput parse_fetch_input(const RunInput& input) {
  return read_input(input, [](const JsonObject& in) {
    in.only({"policy_type", "policy_ids"});
    const std::string_view type = in.has("policy_type") ? in.text("policy_type") : kDefaultPolicyType;
    const PolicyCollection* collection = find_policy_collection(type);
    if (collection == nullptr)
      in.refuse_member("policy_type", "configuration, device_configuration or compliance", type);
    return FetchInput{.collection = collection, .policy_ids = policy_ids_of(in)};
  });
}

RestoreInput parse_restore_input(const RunInput& input) {
  return read_input(input, [](const JsonObject& in) {
    in.only({"snapshot_id", "policy_ids"});
    const std::string& snapshot = in.text("snapshot_id");
    const auto run = parse_uuid(snapshot, "snapshot_id");
    if (!run) in.refuse_member("snapshot_id", "the id of a run", snapshot);
    return RestoreInput{.snapshot = RunId{*run}, .policy_ids = policy_ids_of(in)};
  });
}

}  // namespace runledger
