// Requests named policies one by one, or lists all policies together with their assignments.
#include "jobs/graph/assignments_fetch.h"

#include <set>

#include "jobs/graph/assignments_input.h"
#include "jobs/graph/client.h"
#include "jobs/graph/failure.h"
#include "jobs/graph/policy_tally.h"
#include "jobs/graph/snapshot.h"
#include "ledger/values/json.h"
#include "ledger/values/json_writer.h"

namespace runledger {

namespace {

constexpr std::string_view kMoreAssignments = "assignments@odata.nextLink";

[[noreturn]] void fail_malformed(const std::string& what) {
  throw GraphFailure(GraphFault::kMalformed, what);
}

// The assignments of one policy, in canonical JSON.
class Assignments {
 public:
  Assignments() { out_.begin_array(); }

  void add(const JsonValue& assignment) {
    if (assignment.find<JsonValue::Object>("target") == nullptr) fail_malformed("an assignment has no target");
    out_.json(canonical_json(assignment));
    ++count_;
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::string take() { return out_.end_array().take(); }

 private:
  JsonWriter out_;
  std::size_t count_ = 0;
};

// The state of one run of the job.
class Fetch {
 public:
  Fetch(const AssignmentsOptions& options, const JobAssignment& assignment, const std::stop_token& stop)
      : options_(options), input_(parse_fetch_input(assignment.input)), client_(options.graph, assignment.scope, stop) {
    snapshot_.run = assignment.run;
    snapshot_.attempt = assignment.attempt;
    snapshot_.scope = assignment.scope;
    snapshot_.graph_tenant_id = options.graph_tenant_id;
    snapshot_.policy_type = input_.collection->type;
    tally_.add_items(0);  // The report then has the count even if nothing is fetched.
  }

  JobReport carry_out() {
    const bool go_on = input_.policy_ids ? fetch_named() : fetch_all();
    if (go_on) {
      tally_.try_failed_again([this](const std::string& policy) { fetch(policy); },
                              [this](unsigned tries) { return client_.wait_before_retry(tries); });
    }
    JobReport report = tally_.report();
    snapshot_.complete = report.outcome == AttemptOutcome::kSucceeded;
    if (report.outcome == AttemptOutcome::kFailed) return report;  // No policy was fetched, so there is no snapshot.
    try {
      write_snapshot(options_.snapshot_directory, snapshot_);
    } catch (const JobFailure& failure) {
      tally_.give_up(failure);
    }
    return report;
  }

 private:
  // This and fetch_all() return false when it is pointless to try anything else.
  bool fetch_named() {
    tally_.expect(input_.policy_ids->size());
    for (const std::string& policy : *input_.policy_ids) {
      if (!tally_.try_policy(policy, [&] { fetch(policy); })) return false;
    }
    return true;
  }

  void fetch(const std::string& policy) {
    Assignments assignments;
    client_.for_each_item(input_.collection->assignments_path(policy), adding_to(assignments));
    keep(policy, assignments);
  }

  // A list that breaks off is useless: the missing policies would look as if they did not exist.
  bool fetch_all() {
    try {
      client_.for_each_item(
          input_.collection->list_path(), [this](const JsonValue& entry) { take_listed(entry); },
          [this] { on_page_.clear(); });
      return true;
    } catch (const JobFailure& failure) {
      tally_.give_up(failure);
    }
  }

  void take_listed(const JsonValue& entry) {
    const auto* id = entry.find<std::string>("id");
    if (id == nullptr || !is_policy_id(*id)) fail_malformed("a policy has no id that can be used");
    const std::string& policy = *id;
    const bool repeats_on_page = !on_page_.insert(policy).second;
    if (repeats_on_page || snapshot_.policies.contains(policy)) {
      if (!repeats_on_page && is_kept(policy, entry)) return;  // The list has changed while it was read.
      tally_.expect(1);
      tally_.failed(policy, JobFailure(*parse_reason_code("assignments.listed_twice"),
                                       "the list has two policies of this id", false));
      return;
    }
    tally_.expect(1);
    try {
      Assignments assignments;
      add_listed(assignments, entry);
      keep(policy, assignments);
      tally_.succeeded();
    } catch (const GraphFailure& failure) {
      if (failure.reach() == FaultReach::kRun) throw;  // Ends the whole list, in fetch_all().
      tally_.failed(policy, failure);
    }
  }

  // Whether the entry is the one from which the snapshot has the policy.
  bool is_kept(const std::string& policy, const JsonValue& entry) {
    try {
      Assignments assignments;
      add_listed(assignments, entry);
      return snapshot_.policies.at(policy) == assignments.take();
    } catch (const GraphFailure& failure) {
      if (failure.reach() == FaultReach::kRun) throw;  // Ends the whole list, in fetch_all().
      return false;
    }
  }

  // Adds the assignments in the entry, and the rest, for which Graph puts a link into the entry if there are many.
  void add_listed(Assignments& assignments, const JsonValue& entry) {
    const auto* listed = entry.find<JsonValue::Array>("assignments");
    if (listed == nullptr) fail_malformed("a policy has no list of assignments");
    for (const JsonValue& assignment : *listed) assignments.add(assignment);
    const JsonValue* link = entry.find(kMoreAssignments);
    if (link == nullptr || link->is_null()) return;
    const auto* more = entry.find<std::string>(kMoreAssignments);
    if (more == nullptr) fail_malformed("the link to more assignments is no text");
    client_.for_each_item_from(*more, adding_to(assignments));
  }

  static GraphClient::Visit adding_to(Assignments& assignments) {
    return [&assignments](const JsonValue& assignment) { assignments.add(assignment); };
  }

  void keep(const std::string& policy, Assignments& assignments) {
    tally_.add_items(assignments.count());
    snapshot_.policies[policy] = assignments.take();
  }

  const AssignmentsOptions& options_;
  const FetchInput input_;
  GraphClient client_;
  PolicyTally tally_;
  Snapshot snapshot_;
  std::set<std::string> on_page_;  // The ids on the page of the list that is being read.
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
