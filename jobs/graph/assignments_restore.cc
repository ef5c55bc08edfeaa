// Sends one action per policy that replaces all of its assignments, so a repeat changes nothing more.
#include "jobs/graph/assignments_restore.h"

#include "jobs/graph/assignments_input.h"
#include "jobs/graph/client.h"
#include "jobs/graph/policy_tally.h"
#include "jobs/graph/snapshot.h"
#include "ledger/values/json_writer.h"

namespace runledger {

namespace {

[[noreturn]] void refuse_snapshot(std::string_view code, const std::string& message) {
  throw JobFailure(*parse_reason_code(code), message, false);
}

// Assignments that come from a policy set belong to that set, and Graph refuses to create them in any other way.
bool is_direct(const JsonValue& assignment) {
  const JsonValue* source = assignment.find("source");
  return source == nullptr || *source == JsonValue{"direct"};
}

// The body of Graph's action. The ids of the assignments are left out: Graph derives them from policy and target.
std::string body_of(const std::string& stored) {
  const Result<JsonValue> assignments = parse_json(stored, kSnapshotLimits);
  const auto* elements = assignments ? assignments->get_if<JsonValue::Array>() : nullptr;
  if (elements == nullptr) refuse_snapshot("snapshot.damaged", "the assignments of a policy are no list");
  JsonWriter out;
  out.begin_object().key("assignments").begin_array();
  for (const JsonValue& assignment : *elements) {
    const JsonValue* target = assignment.find("target");
    if (target == nullptr) refuse_snapshot("snapshot.damaged", "an assignment has no target");
    if (is_direct(assignment)) out.begin_object().key("target").json(canonical_json(*target)).end_object();
  }
  out.end_array().end_object();
  return out.take();
}

Snapshot snapshot_for(const AssignmentsOptions& options, const RestoreInput& input, const Scope& scope) {
  Snapshot snapshot = read_snapshot(options.snapshot_directory, input.snapshot, scope);
  const std::string& own = options.graph_tenant_id;
  if (!own.empty() && !snapshot.graph_tenant_id.empty() && own != snapshot.graph_tenant_id)
    refuse_snapshot("snapshot.other_directory",
                    "the snapshot is of another Graph tenant than the one that would be written to");
  return snapshot;
}

class AssignmentsRestore final : public Job {
 public:
  explicit AssignmentsRestore(AssignmentsOptions options) : options_(std::move(options)) {}

  [[nodiscard]] RunType type() const override { return *parse_run_type("assignments.restore"); }

  [[nodiscard]] JobReport run(const JobAssignment& assignment, const std::stop_token& stop) override {
    const RestoreInput input = parse_restore_input(assignment.input);
    const Snapshot snapshot = snapshot_for(options_, input, assignment.scope);
    const PolicyCollection* collection = find_policy_collection(snapshot.policy_type);
    if (collection == nullptr) refuse_snapshot("snapshot.damaged", "the type of its policies is not known");
    GraphClient client(options_.graph, assignment.scope, stop);
    PolicyTally tally;
    const std::vector<std::string> policies = input.policy_ids.value_or(all_of(snapshot));
    tally.expect(policies.size());
    const auto restore = [&](const std::string& policy) {
      const auto stored = snapshot.policies.find(policy);
      if (stored == snapshot.policies.end())
        refuse_snapshot("snapshot.policy_missing", "the snapshot does not have it");
      client.post(collection->assign_path(policy), body_of(stored->second));
    };
    for (const std::string& policy : policies) {
      if (!tally.try_policy(policy, [&] { restore(policy); })) return tally.report();
    }
    tally.try_failed_again(restore, [&](unsigned tries) { return client.wait_before_retry(tries); });
    return tally.report();
  }

 private:
  static std::vector<std::string> all_of(const Snapshot& snapshot) {
    std::vector<std::string> policies;
    for (const auto& [policy, assignments] : snapshot.policies) policies.push_back(policy);
    return policies;
  }

  const AssignmentsOptions options_;
};

}  // namespace

std::unique_ptr<Job> make_assignments_restore(const AssignmentsOptions& options) {
  require_usable(options);
  return std::make_unique<AssignmentsRestore>(options);
}

}  // namespace runledger
