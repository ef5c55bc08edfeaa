// Tests what a fetch requests from Graph, stores and reports.
//
// The job runs in the test against a GraphLikeServer. fetch() returns its report, or its failure, as one line of text
// with all counts. The server returns the list of requests, so that a test can also check which requests were made, and
// that there were no others. Troubles of the server are planned before the job starts.
#include "jobs/graph/assignments_fetch.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "tests/jobs/graph/assignments_world.h"

namespace runledger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using AssignmentsFetch = AssignmentsWorld;

const std::string kPolicies = "GET /beta/deviceManagement/configurationPolicies";
const std::string kListed = kPolicies + "?$select=id&$expand=assignments";
const std::string kName = "00000000-0000-0000-0000-000000000001.1.json";
const std::string kSecondName = "00000000-0000-0000-0000-000000000001.2.json";

TEST_F(AssignmentsFetch, ListsAllPoliciesWithOneRequestAPage) {
  serve({.policies = 7, .assignments = 3, .page_size = 3});
  EXPECT_EQ(fetch(), "succeeded failed=0 items=21 processed=7 skipped=0 succeeded=7 total=7");
  EXPECT_THAT(server_->requests(), ElementsAre(kListed, kListed + "&$skiptoken=3", kListed + "&$skiptoken=6"));
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(AssignmentsFetch, AsksForEachNamedPolicyOnce) {
  serve({.policies = 9, .assignments = 2});
  EXPECT_EQ(fetch(R"({"policy_ids":["p-7","p-2","p-7"]})"),
            "succeeded failed=0 items=4 processed=2 skipped=0 succeeded=2 total=2");
  EXPECT_THAT(server_->requests(), ElementsAre(kPolicies + "/p-7/assignments", kPolicies + "/p-2/assignments"));
}

TEST_F(AssignmentsFetch, AsksForTheRestOfALongListOnly) {
  serve({.policies = 2, .assignments = 5, .page_size = 2, .expanded_max = 2});
  server_->set_assignments("configurationPolicies", "p-1", nlohmann::json::array());
  EXPECT_EQ(fetch(), "succeeded failed=0 items=5 processed=2 skipped=0 succeeded=2 total=2");
  EXPECT_THAT(server_->requests(), ElementsAre(kListed, kPolicies + "/p-2/assignments?$skiptoken=2",
                                               kPolicies + "/p-2/assignments?$skiptoken=4"));
  EXPECT_EQ(snapshot().policies.at("p-2"), server_->assignments("configurationPolicies", "p-2").dump());
}

TEST_F(AssignmentsFetch, ReadsTheCollectionOfThePolicyType) {
  serve({.policies = 1, .assignments = 1});
  EXPECT_THAT(fetch(R"({"policy_type":"compliance"})"), HasSubstr("succeeded"));
  EXPECT_THAT(fetch(R"({"policy_type":"device_configuration","policy_ids":["p-1"]})"), HasSubstr("succeeded"));
  EXPECT_THAT(server_->requests(),
              ElementsAre("GET /beta/deviceManagement/deviceCompliancePolicies?$select=id&$expand=assignments",
                          "GET /beta/deviceManagement/deviceConfigurations/p-1/assignments"));
  EXPECT_EQ(snapshot().policy_type, "device_configuration");
}

TEST_F(AssignmentsFetch, KeepsWhatItFoundForTheOwnerOnly) {
  serve({.policies = 2, .assignments = 1});
  options_.graph_tenant_id = "11111111-2222-4333-8444-555555555555";
  EXPECT_THAT(fetch("{}", 1, 2), HasSubstr("succeeded"));
  const Snapshot kept = snapshot();
  EXPECT_EQ(kept.attempt, AttemptNumber{2});
  EXPECT_EQ(kept.graph_tenant_id, options_.graph_tenant_id);
  EXPECT_TRUE(kept.complete);
  ASSERT_THAT(kept.policies, SizeIs(2));
  EXPECT_EQ(kept.policies.at("p-1"), server_->assignments("configurationPolicies", "p-1").dump());
  struct stat status {};
  ASSERT_EQ(::stat((options_.snapshot_directory / kSecondName).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  ASSERT_EQ(::stat(options_.snapshot_directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST_F(AssignmentsFetch, KeepsAnEmptySnapshotOfNoPolicies) {
  serve({.policies = 0});
  EXPECT_EQ(fetch(), "succeeded failed=0 items=0 processed=0 skipped=0 succeeded=0 total=0");
  EXPECT_THAT(snapshot().policies, IsEmpty());
}

TEST_F(AssignmentsFetch, SucceedsThoughItIsThrottled) {
  serve({.policies = 6, .page_size = 2, .throttle_every = 2});
  EXPECT_EQ(fetch(), "succeeded failed=0 items=12 processed=6 skipped=0 succeeded=6 total=6");
  EXPECT_THAT(server_->requests(), SizeIs(5));  // There are three pages, and two of them are requested twice.
}

TEST_F(AssignmentsFetch, SucceedsInPartWhenSomePoliciesFail) {
  serve({.policies = 4, .failing_policies = {"p-3"}});
  EXPECT_EQ(fetch(R"({"policy_ids":["p-1","p-9","p-3","p-4"]})"),
            "partially_succeeded failed=2 items=4 processed=4 skipped=0 succeeded=2 total=4");
  EXPECT_THAT(failures(), ElementsAre("graph.not_found: policy p-9: status 404 (ResourceNotFound)",
                                      "graph.server_error: policy p-3: status 500 (InternalServerError)"));
  EXPECT_THAT(server_->requests(), SizeIs(4 + 2)) << "what may pass is tried twice more";
  EXPECT_FALSE(snapshot().complete);
  EXPECT_THAT(snapshot().policies, SizeIs(2));
}

TEST_F(AssignmentsFetch, SucceedsInPartWhenTheRestOfAListFails) {
  serve({.policies = 3, .assignments = 5, .expanded_max = 2, .failing_policies = {"p-2"}});
  EXPECT_EQ(fetch(), "partially_succeeded failed=1 items=10 processed=3 skipped=0 succeeded=2 total=3");
  EXPECT_THAT(failures(), ElementsAre("graph.server_error: policy p-2: status 500 (InternalServerError)"));
}

TEST_F(AssignmentsFetch, TriesAPolicyAgainWhoseFailureMayPass) {
  serve({.policies = 3, .assignments = 5, .expanded_max = 2});
  for (const GraphTrouble trouble : {GraphTrouble::kServerError, GraphTrouble::kConflict, GraphTrouble::kDropped}) {
    server_->plan({.part = "/p-2/", .trouble = trouble, .times = 2});
    EXPECT_EQ(fetch(R"({"policy_ids":["p-1","p-2","p-9"]})"),
              "partially_succeeded failed=1 items=10 processed=3 skipped=0 succeeded=2 total=3");
    EXPECT_THAT(failures(), ElementsAre("graph.not_found: policy p-9: status 404 (ResourceNotFound)"));
  }
  server_->plan({.part = "/p-2/", .trouble = GraphTrouble::kServerError});
  EXPECT_EQ(fetch(), "succeeded failed=0 items=15 processed=3 skipped=0 succeeded=3 total=3");
  EXPECT_EQ(snapshot().policies.at("p-2"), server_->assignments("configurationPolicies", "p-2").dump());
}

TEST_F(AssignmentsFetch, TakesANullLinkForTheEndOfAList) {
  serve({.policies = 3});
  server_->plan({.part = "GET", .trouble = GraphTrouble::kNullLink});
  EXPECT_EQ(fetch(), "succeeded failed=0 items=0 processed=1 skipped=0 succeeded=1 total=1");
  EXPECT_THAT(server_->requests(), SizeIs(1));
}

TEST_F(AssignmentsFetch, CountsASecondPolicyOfTheSameIdAsAFailure) {
  serve({.policies = 3});
  server_->plan({.part = "GET", .trouble = GraphTrouble::kTwoOfOneId});
  EXPECT_EQ(fetch(), "partially_succeeded failed=1 items=0 processed=3 skipped=0 succeeded=2 total=3");
  EXPECT_THAT(failures(), ElementsAre("assignments.listed_twice: policy p-1: the list has two policies of this id"));
  EXPECT_FALSE(snapshot().complete);
}

TEST_F(AssignmentsFetch, FailsWhenEveryPolicyFails) {
  serve({.policies = 1});
  EXPECT_EQ(fetch(R"({"policy_ids":["p-8","p-9"]})"),
            "failed failed=2 items=0 processed=2 skipped=0 succeeded=0 total=2");
  EXPECT_FALSE(report_->retryable);
  EXPECT_THAT(stored_files(), IsEmpty());
  server_->plan({.part = "p-8", .trouble = GraphTrouble::kServerError});
  EXPECT_THAT(fetch(R"({"policy_ids":["p-8","p-9"]})"), HasSubstr("failed failed=2"));
  EXPECT_TRUE(report_->retryable);
}

TEST_F(AssignmentsFetch, NamesAsManyFailuresAsAnEventHolds) {
  serve({.policies = 1});
  std::string ids = "\"p-1\"";
  for (int i = 101; i <= 120; ++i) ids += ",\"p-" + std::to_string(i) + "\"";
  EXPECT_THAT(fetch(R"({"policy_ids":[)" + ids + "]}"), HasSubstr("partially_succeeded failed=20"));
  ASSERT_THAT(failures(), SizeIs(20));
  EXPECT_EQ(failures().back(), "graph.not_found: policy p-120: status 404 (ResourceNotFound)");
  ids += ",\"p-121\"";
  EXPECT_THAT(fetch(R"({"policy_ids":[)" + ids + "]}"), HasSubstr("partially_succeeded failed=21"));
  ASSERT_THAT(failures(), SizeIs(20));
  EXPECT_EQ(failures()[18], "graph.not_found: policy p-119: status 404 (ResourceNotFound)");
  EXPECT_EQ(failures().back(), "assignments.more_failed: 2 more policies failed");
}

TEST_F(AssignmentsFetch, KeepsNothingOfAListThatBreaksOff) {
  serve({.policies = 6, .page_size = 2});
  server_->plan({.part = "skiptoken=4", .trouble = GraphTrouble::kTruncatedBody});
  EXPECT_EQ(fetch(),
            "threw graph.connection_lost retryable failed=0 items=8 processed=4 skipped=0 succeeded=4 total=4");
  EXPECT_THAT(stored_files(), IsEmpty());
  EXPECT_EQ(fetch("{}", 1, 2), "succeeded failed=0 items=12 processed=6 skipped=0 succeeded=6 total=6");
}

TEST_F(AssignmentsFetch, RefusesListsThatAreNone) {
  serve({.policies = 1, .assignments = 1});
  for (const GraphTrouble trouble : {GraphTrouble::kInvalidJson, GraphTrouble::kNoValue, GraphTrouble::kSameLink}) {
    server_->plan({.part = "GET", .trouble = trouble});
    EXPECT_THAT(fetch(), HasSubstr("threw graph.malformed retryable"));
  }
  server_->plan({.part = "GET", .trouble = GraphTrouble::kForeignLink});
  EXPECT_THAT(fetch(), HasSubstr("threw graph.foreign_link failed=0"));
  EXPECT_THAT(stored_files(), IsEmpty());
}

TEST_F(AssignmentsFetch, RefusesAssignmentsThatAreNone) {
  serve({.policies = 2, .assignments = 1});
  for (const auto* broken : {R"([1])", R"([{}])", R"([{"target":null}])"}) {
    server_->set_assignments("configurationPolicies", "p-2", nlohmann::json::parse(broken));
    EXPECT_THAT(fetch(), HasSubstr("partially_succeeded failed=1")) << broken;
    EXPECT_THAT(failures(), ElementsAre("graph.malformed: policy p-2: an assignment has no target"));
    EXPECT_THAT(fetch(R"({"policy_ids":["p-2"]})"), HasSubstr("failed failed=1")) << broken;
  }
}

TEST_F(AssignmentsFetch, StopsAtTheFirstRefusalOfItsToken) {
  serve({.policies = 4});
  server_->plan({.part = "/p-2/", .trouble = GraphTrouble::kUnauthorized});
  EXPECT_EQ(fetch(R"({"policy_ids":["p-1","p-2","p-3","p-4"]})"),
            "partially_succeeded failed=1 items=2 processed=2 skipped=2 succeeded=1 total=4");
  EXPECT_THAT(server_->requests(), SizeIs(2));
  server_->replace_token(kGraphToken, "another");
  EXPECT_EQ(fetch(R"({"policy_ids":["p-1","p-2"]})"),
            "failed failed=1 items=0 processed=1 skipped=1 succeeded=0 total=2");
  EXPECT_FALSE(report_->retryable);
  EXPECT_EQ(fetch(), "threw graph.unauthorized failed=0 items=0 processed=0 skipped=0 succeeded=0 total=0");
}

TEST_F(AssignmentsFetch, LeavesTheRestToAnotherAttemptWhenThrottledTooLong) {
  serve({.policies = 3});
  server_->plan({.part = "/p-2/", .trouble = GraphTrouble::kThrottled, .retry_after = "3600"});
  const std::string input = R"({"policy_ids":["p-1","p-2","p-3"]})";
  EXPECT_EQ(fetch(input), "threw graph.throttled retryable failed=0 items=2 processed=1 skipped=2 succeeded=1 total=3");
  EXPECT_THAT(stored_files(), IsEmpty());
  EXPECT_EQ(fetch(input, 1, 2), "succeeded failed=0 items=6 processed=3 skipped=0 succeeded=3 total=3");
}

TEST_F(AssignmentsFetch, EndsSoonWhenItIsStopped) {
  serve({.policies = 3});
  server_->plan({.part = "/p-2/", .trouble = GraphTrouble::kThrottled, .retry_after = "100"});
  auto running = std::async(std::launch::async, [this] { return fetch(R"({"policy_ids":["p-1","p-2","p-3"]})"); });
  server_->wait_for_requests(2);
  stop_.request_stop();
  EXPECT_EQ(running.get(), "threw worker.stopped retryable failed=0 items=2 processed=1 skipped=2 succeeded=1 total=3");
}

TEST_F(AssignmentsFetch, ReplacesWhatAnEarlierAttemptLeft) {
  serve({.policies = 2, .assignments = 1});
  EXPECT_THAT(fetch("{}", 1, 1), HasSubstr("succeeded"));
  std::ofstream(options_.snapshot_directory / (kName + ".partial")) << "half of";  // A killed fetch leaves such a file.
  server_->remove_policy("configurationPolicies", "p-1");
  EXPECT_THAT(fetch("{}", 1, 2), HasSubstr("succeeded"));
  EXPECT_EQ(snapshot().attempt, AttemptNumber{2});
  EXPECT_THAT(snapshot().policies, SizeIs(1));
  EXPECT_THAT(stored_files(), ElementsAre(kSecondName));
}

TEST_F(AssignmentsFetch, FailsWhenTheSnapshotCannotBeKept) {
  serve({.policies = 1});
  std::ofstream(directory_.path() / "file") << "x";
  options_.snapshot_directory = directory_.path() / "file" / "snapshots";
  EXPECT_EQ(fetch(), "threw snapshot.unwritable retryable failed=0 items=2 processed=1 skipped=0 succeeded=1 total=1");
}

TEST_F(AssignmentsFetch, AsksNothingForAnInputThatItCannotUse) {
  serve();
  EXPECT_EQ(fetch(R"({"policy_id":"p-1"})"), "threw assignments.input_invalid");
  EXPECT_THAT(server_->requests(), IsEmpty());
}

TEST_F(AssignmentsFetch, TellsItsTokenNobody) {
  serve({.policies = 3});
  server_->plan({.part = "/p-2/", .trouble = GraphTrouble::kRepeatsToken, .times = GraphPlan::kForever});
  EXPECT_THAT(fetch(R"({"policy_ids":["p-1","p-2"]})"), HasSubstr("partially_succeeded"));
  expect_no_token_anywhere();
  server_->plan({.part = "expand", .trouble = GraphTrouble::kRepeatsToken});
  EXPECT_THAT(fetch(), HasSubstr("threw graph.forbidden"));
  expect_no_token_anywhere();
}

TEST_F(AssignmentsFetch, ShowsEachTenantItsOwnDirectory) {
  serve({.tokens = {kGraphToken, "token-of-contoso"}, .policies = 1, .assignments = 1});
  options_.graph.token_file = directory_.path() / "{tenant}.token";
  std::ofstream(directory_.path() / "contoso.token") << "token-of-contoso";
  EXPECT_THAT(fetch(), HasSubstr("succeeded"));
  // The group is one of the second directory.
  EXPECT_THAT(snapshot().policies.at("p-1"), HasSubstr("-000100000001\""));
}

}  // namespace
}  // namespace runledger
