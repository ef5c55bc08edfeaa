// Tests what a restore writes, and what it refuses to write.
#include "jobs/graph/assignments_restore.h"

#include <gmock/gmock.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "tests/jobs/graph/assignments_world.h"

namespace runledger {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kCollection = "configurationPolicies";

class AssignmentsRestore : public AssignmentsWorld {
 protected:
  // Takes a snapshot in run 1, and then removes all assignments from every policy.
  void fetch_and_forget(GraphLikeServerOptions options) {
    const int policies = options.policies;
    serve(std::move(options));
    ASSERT_THAT(fetch(), HasSubstr("succeeded"));
    for (int i = 1; i <= policies; ++i) {
      before_.push_back(server_->assignments(kCollection, "p-" + std::to_string(i)));
      server_->set_assignments(kCollection, "p-" + std::to_string(i), json::array());
    }
    asked_ = server_->requests().size();
  }

  // Returns the requests since the fetch.
  [[nodiscard]] std::vector<std::string> requests() {
    const std::vector<std::string> all = server_->requests();
    return {all.begin() + static_cast<std::ptrdiff_t>(asked_), all.end()};
  }

  [[nodiscard]] static std::string assign(const std::string& policy) {
    return "POST /beta/deviceManagement/configurationPolicies/" + policy + "/assign";
  }

  std::vector<json> before_;
  std::size_t asked_ = 0;
};

TEST_F(AssignmentsRestore, AssignsEveryPolicyWithOneRequest) {
  fetch_and_forget({.policies = 3, .assignments = 2});
  EXPECT_EQ(restore(1), "succeeded failed=0 processed=3 skipped=0 succeeded=3 total=3");
  EXPECT_THAT(requests(), ElementsAre(assign("p-1"), assign("p-2"), assign("p-3")));
  for (std::size_t i = 0; i < 3; ++i) {
    const json now = server_->assignments(kCollection, "p-" + std::to_string(i + 1));
    ASSERT_THAT(now, SizeIs(2));
    for (std::size_t j = 0; j < 2; ++j) EXPECT_EQ(now[j], (json{{"target", before_[i][j]["target"]}}));
  }
}

TEST_F(AssignmentsRestore, MayBeDoneAgain) {
  fetch_and_forget({.policies = 2});
  EXPECT_THAT(restore(1), HasSubstr("succeeded"));
  const json once = server_->assignments(kCollection, "p-1");
  EXPECT_THAT(restore(1), HasSubstr("succeeded"));
  EXPECT_EQ(server_->assignments(kCollection, "p-1"), once);
}

TEST_F(AssignmentsRestore, LeavesNoAssignmentsWhereThereWereNone) {
  serve({.policies = 1});
  const json assignments = server_->assignments(kCollection, "p-1");
  server_->set_assignments(kCollection, "p-1", json::array());
  EXPECT_THAT(fetch(), HasSubstr("succeeded"));
  server_->set_assignments(kCollection, "p-1", assignments);
  EXPECT_THAT(restore(1), HasSubstr("succeeded"));
  EXPECT_THAT(server_->assignments(kCollection, "p-1"), IsEmpty());
}

TEST_F(AssignmentsRestore, LeavesAssignmentsOfPolicySetsAlone) {
  serve({.policies = 1});
  server_->set_assignments(kCollection, "p-1",
                           json::parse(R"([{"id":"a","source":"policySets","sourceId":"s","target":{"x":1}},
                                           {"id":"b","source":"direct","target":{"x":2}},{"target":{"x":3}}])"));
  EXPECT_THAT(fetch(), HasSubstr("succeeded"));
  EXPECT_THAT(restore(1), HasSubstr("succeeded"));
  EXPECT_EQ(server_->assignments(kCollection, "p-1").dump(), R"([{"target":{"x":2}},{"target":{"x":3}}])");
}

TEST_F(AssignmentsRestore, RestoresTheNamedPoliciesOnly) {
  fetch_and_forget({.policies = 4});
  EXPECT_EQ(restore(1, R"(,"policy_ids":["p-4","p-2","p-4"])"),
            "succeeded failed=0 processed=2 skipped=0 succeeded=2 total=2");
  EXPECT_THAT(requests(), ElementsAre(assign("p-4"), assign("p-2")));
}

TEST_F(AssignmentsRestore, SucceedsInPartWhenSomePoliciesFail) {
  fetch_and_forget({.policies = 4, .failing_policies = {"p-3"}});
  server_->remove_policy(kCollection, "p-1");
  EXPECT_EQ(restore(1, R"(,"policy_ids":["p-1","p-2","p-3","p-9"])"),
            "partially_succeeded failed=3 processed=4 skipped=0 succeeded=1 total=4");
  EXPECT_THAT(failures(), ElementsAre("graph.not_found: policy p-1: status 404 (ResourceNotFound)",
                                      "graph.server_error: policy p-3: status 500 (InternalServerError)",
                                      "snapshot.policy_missing: policy p-9: the snapshot does not have it"));
  EXPECT_THAT(requests(), SizeIs(3 + 2)) << "what may pass is tried twice more";
}

TEST_F(AssignmentsRestore, TriesAPolicyAgainWhoseFailureMayPass) {
  fetch_and_forget({.policies = 3});
  server_->plan({.part = "p-2/assign", .trouble = GraphTrouble::kConflict, .times = 2});
  EXPECT_EQ(restore(1), "succeeded failed=0 processed=3 skipped=0 succeeded=3 total=3");
  EXPECT_THAT(requests(), ElementsAre(assign("p-1"), assign("p-2"), assign("p-3"), assign("p-2"), assign("p-2")));
}

TEST_F(AssignmentsRestore, IsNoSuccessWhenAPageAnswersInPlaceOfGraph) {
  fetch_and_forget({.policies = 2});
  server_->plan({.part = "POST", .trouble = GraphTrouble::kPage, .times = GraphPlan::kForever});
  EXPECT_EQ(restore(1), "failed failed=2 processed=2 skipped=0 succeeded=0 total=2");
  EXPECT_TRUE(report_->retryable);
  EXPECT_EQ(failures().front(), "graph.malformed: policy p-1: the answer to a change is no JSON object");
}

TEST_F(AssignmentsRestore, FailsWhenEveryPolicyFails) {
  fetch_and_forget({.policies = 2, .failing_policies = {"p-1", "p-2"}});
  EXPECT_EQ(restore(1), "failed failed=2 processed=2 skipped=0 succeeded=0 total=2");
  EXPECT_TRUE(report_->retryable);
  EXPECT_EQ(restore(1, R"(,"policy_ids":["p-9"])"), "failed failed=1 processed=1 skipped=0 succeeded=0 total=1");
  EXPECT_FALSE(report_->retryable);
}

TEST_F(AssignmentsRestore, StopsAtTheFirstRefusalOfItsToken) {
  fetch_and_forget({.policies = 4});
  server_->plan({.part = "POST", .trouble = GraphTrouble::kUnauthorized, .times = GraphPlan::kForever, .after = 1});
  EXPECT_EQ(restore(1), "partially_succeeded failed=1 processed=2 skipped=2 succeeded=1 total=4");
  EXPECT_THAT(requests(), ElementsAre(assign("p-1"), assign("p-2")));
  EXPECT_EQ(restore(1), "failed failed=1 processed=1 skipped=3 succeeded=0 total=4");
  EXPECT_FALSE(report_->retryable);
  expect_no_token_anywhere();
}

TEST_F(AssignmentsRestore, LeavesTheRestToAnotherAttemptWhenNobodyAnswers) {
  fetch_and_forget({.policies = 3});
  server_->plan({.part = "POST", .trouble = GraphTrouble::kUnavailable, .retry_after = "3600", .after = 1});
  EXPECT_EQ(restore(1), "threw graph.unavailable retryable failed=0 processed=1 skipped=2 succeeded=1 total=3");
  EXPECT_EQ(restore(1), "succeeded failed=0 processed=3 skipped=0 succeeded=3 total=3");
  server_.reset();
  EXPECT_EQ(restore(1), "threw graph.unreachable retryable failed=0 processed=0 skipped=3 succeeded=0 total=3");
}

TEST_F(AssignmentsRestore, EndsSoonWhenItIsStopped) {
  fetch_and_forget({.policies = 3});
  server_->plan({.part = "p-2/assign", .trouble = GraphTrouble::kSilence});
  auto running = std::async(std::launch::async, [this] { return restore(1); });
  server_->wait_for_requests(asked_ + 2);
  stop_.request_stop();
  EXPECT_EQ(running.get(), "threw worker.stopped retryable failed=0 processed=1 skipped=2 succeeded=1 total=3");
}

TEST_F(AssignmentsRestore, AsksNothingWithoutASnapshotThatItMayUse) {
  fetch_and_forget({.policies = 1});
  EXPECT_EQ(restore(2), "threw snapshot.not_found");
  std::ofstream(snapshot_path(options_.snapshot_directory, examples::run_id(1), {1}), std::ios::app) << "x";
  EXPECT_EQ(restore(1), "threw snapshot.damaged");
  EXPECT_EQ(restore(1, R"(,"policies":["p-1"])"), "threw assignments.input_invalid");
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(AssignmentsRestore, KnowsNoSnapshotOfAnotherTenant) {
  serve({.policies = 1});
  Snapshot other = {.run = examples::run_id(5), .attempt = {1}, .scope = examples::scope("northwind")};
  other.policy_type = "configuration";
  write_snapshot(options_.snapshot_directory, other);
  EXPECT_EQ(restore(5), "threw snapshot.not_found");
  const std::string of_another_tenant = thrown_;
  std::filesystem::remove(snapshot_path(options_.snapshot_directory, other.run, other.attempt));
  EXPECT_EQ(restore(5), "threw snapshot.not_found");
  EXPECT_EQ(thrown_, of_another_tenant);
}

TEST_F(AssignmentsRestore, WritesToNoOtherDirectory) {
  options_.graph_tenant_id = "contoso.example";
  fetch_and_forget({.policies = 1});
  EXPECT_THAT(restore(1), HasSubstr("succeeded"));
  options_.graph_tenant_id = "northwind.example";
  EXPECT_EQ(restore(1), "threw snapshot.other_directory");
  EXPECT_THAT(requests(), SizeIs(1));
}

TEST_F(AssignmentsRestore, RestoresWhatAPartialSnapshotHas) {
  serve({.policies = 3, .failing_policies = {"p-2"}});
  EXPECT_THAT(fetch(R"({"policy_ids":["p-1","p-2","p-3"]})"), HasSubstr("partially_succeeded"));
  EXPECT_EQ(restore(1), "succeeded failed=0 processed=2 skipped=0 succeeded=2 total=2");
}

}  // namespace
}  // namespace runledger
