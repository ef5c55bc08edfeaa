// Named policies are asked for one by one; all policies are listed together with their assignments.
#include "jobs/graph/assignments_fetch.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "jobs/graph/assignments_input.h"
#include "jobs/graph/client.h"
#include "jobs/graph/policy_tally.h"
#include "jobs/graph/snapshot.h"
#include "ledger/values/json.h"

namespace runledger {

namespace {

using nlohmann::json;

constexpr std::string_view kMoreAssignments = "assignments@odata.nextLink";

[[noreturn]] void fail_malformed(const std::string& what) {
  throw GraphFailure(GraphFault::kMalformed, what);
}

void require_assignment(const json& assignment) {
  if (!assignment.is_object() || !assignment.contains("target") || !assignment["target"].is_object())
    fail_malformed("an assignment has no target");
}

// One run of the job.
class Fetch {
 public:
  Fetch(const AssignmentsOptions& options, const JobAssignment& assignment, const std::stop_token& stop)
      : options_(options), input_(parse_fetch_input(assignment.input)), client_(options.graph, assignment.scope, stop) {
    snapshot_.run = assignment.run;
    snapshot_.attempt = assignment.attempt;
    snapshot_.scope = assignment.scope;
    snapshot_.graph_tenant_id = options.graph_tenant_id;
    snapshot_.policy_type = input_.collection->type;
    tally_.add_items(0);
  }

  JobReport carry_out() {
    if (input_.policy_ids) {
      fetch_named();
    } else {
      fetch_all();
    }
    JobReport report = tally_.report();
    snapshot_.complete = report.outcome == AttemptOutcome::kSucceeded;
    if (report.outcome == AttemptOutcome::kFailed) return report;  // There is nothing to keep.
    try {
      write_snapshot(options_.snapshot_directory, snapshot_);
    } catch (const JobFailure& failure) {
      tally_.give_up(failure);
    }
    return report;
  }

 private:
  void fetch_named() {
    tally_.expect(input_.policy_ids->size());
    for (const std::string& policy : *input_.policy_ids) {
      const bool go_on = tally_.try_policy(policy, [&] {
        json assignments = json::array();
        client_.for_each_item(input_.collection->assignments_path(policy), adding_to(assignments));
        keep(policy, assignments);
      });
      if (!go_on) return;
    }
  }

  // A list that breaks off is no list: what is missing from it would look like policies that are not there.
  void fetch_all() {
    try {
      client_.for_each_item(input_.collection->list_path(), [this](const json& entry) { take_listed(entry); });
    } catch (const JobFailure& failure) {
      tally_.give_up(failure);
    }
  }

  void take_listed(const json& entry) {
    if (!entry.is_object() || !entry.contains("id") || !entry["id"].is_string() ||
        !is_policy_id(entry["id"].get_ref<const std::string&>()))
      fail_malformed("a policy has no id that can be used");
    const auto& policy = entry["id"].get_ref<const std::string&>();
    if (snapshot_.policies.contains(policy)) return;  // Lists that change while they are read show some twice.
    tally_.expect(1);
    try {
      keep(policy, listed_assignments(entry));
      tally_.succeeded();
    } catch (const GraphFailure& failure) {
      if (failure.reach() == FaultReach::kRun) throw;
      tally_.failed(policy, failure);
    }
  }

  // Those in the entry, and those behind its link where there are more than Graph puts into an entry.
  json listed_assignments(const json& entry) {
    const auto listed = entry.find("assignments");
    if (listed == entry.end() || !listed->is_array()) fail_malformed("a policy has no list of assignments");
    json assignments = *listed;
    for (const json& assignment : assignments) require_assignment(assignment);
    const auto more = entry.find(kMoreAssignments);
    if (more == entry.end()) return assignments;
    if (!more->is_string()) fail_malformed("the link to more assignments is no text");
    client_.for_each_item_from(more->get_ref<const std::string&>(), adding_to(assignments));
    return assignments;
  }

  static GraphClient::Visit adding_to(json& assignments) {
    return [&assignments](const json& assignment) {
      require_assignment(assignment);
      assignments.push_back(assignment);
    };
  }

  void keep(const std::string& policy, const json& assignments) {
    tally_.add_items(assignments.size());
    snapshot_.policies[policy] = canonical_json(assignments);
  }

  const AssignmentsOptions& options_;
  const FetchInput input_;
  GraphClient client_;
  PolicyTally tally_;
  Snapshot snapshot_;
};

class AssignmentsFetch final : public Job {
 public:
  explicit AssignmentsFetch(AssignmentsOptions options) : options_(std::move(options)) {}

  [[nodiscard]] RunType type() const override { return *parse_run_type("assignments.fetch"); }

  [[nodiscard]] JobReport run(const JobAssignment& assignment, const std::stop_token& stop) override {
    return Fetch(options_, assignment, stop).carry_out();
  }

 private:
  const AssignmentsOptions options_;
};

}  // namespace

std::unique_ptr<Job> make_assignments_fetch(const AssignmentsOptions& options) {
  require_usable(options);
  return std::make_unique<AssignmentsFetch>(options);
}

}  // namespace runledger
