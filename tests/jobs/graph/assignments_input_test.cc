// Tests which inputs and options the jobs on assignments accept.
#include "jobs/graph/assignments_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "jobs/graph/assignments_fetch.h"
#include "jobs/graph/assignments_restore.h"
#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

using ::testing::ElementsAre;

template <class Parse>
std::string refusal(Parse parse, const std::string& input) {
  try {
    static_cast<void>(parse(examples::input(input)));
    return "taken";
  } catch (const JobFailure& failure) {
    EXPECT_FALSE(failure.retryable());
    return failure.reason_code().str();
  }
}

TEST(FetchInput, NamesATypeAndPolicies) {
  EXPECT_EQ(parse_fetch_input(examples::input("{}")).collection->type, "configuration");
  EXPECT_FALSE(parse_fetch_input(examples::input("{}")).policy_ids);
  const FetchInput input =
      parse_fetch_input(examples::input(R"({"policy_type":"compliance","policy_ids":["b","a","b"]})"));
  EXPECT_EQ(input.collection->path, "/deviceManagement/deviceCompliancePolicies");
  EXPECT_THAT(*input.policy_ids, ElementsAre("b", "a"));
}

TEST(FetchInput, IsRefusedWhenItIsAnythingElse) {
  for (const auto* input : {R"({"policy_id":["a"]})", R"({"policy_type":"x"})", R"({"policy_type":null})",
                            R"({"policy_type":["compliance"]})", R"({"policy_ids":"a"})", R"({"policy_ids":[]})",
                            R"({"policy_ids":[1]})", R"({"policy_ids":null})", R"({"policy_ids":[""]})",
                            R"({"policy_ids":[".."]})", R"({"policy_ids":["a/b"]})", R"({"policy_ids":["a?b"]})",
                            R"({"policy_ids":["a%2fb"]})", R"({"policy_ids":["a b"]})", R"({"policy_ids":["ä"]})"})
    EXPECT_EQ(refusal(parse_fetch_input, input), "assignments.input_invalid") << input;
  EXPECT_EQ(refusal(parse_fetch_input, R"({"policy_ids":[")" + std::string(128, 'x') + R"("]})"), "taken");
  EXPECT_EQ(refusal(parse_fetch_input, R"({"policy_ids":[")" + std::string(129, 'x') + R"("]})"),
            "assignments.input_invalid");
}

TEST(RestoreInput, NamesASnapshot) {
  const std::string id = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";
  EXPECT_EQ(format_uuid(parse_restore_input(examples::input(R"({"snapshot_id":")" + id + "\"}")).snapshot.value), id);
  for (const auto* input : {"{}", R"({"snapshot_id":7})", R"({"snapshot_id":"snap-1"})", R"({"snapshot_id":"../x"})",
                            R"({"snapshot_id":"5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11","policy_type":"compliance"})"})
    EXPECT_EQ(refusal(parse_restore_input, input), "assignments.input_invalid") << input;
}

class OptionsOfAssignments : public ::testing::Test {
 protected:
  [[nodiscard]] std::string refusal_of_options() const {
    try {
      EXPECT_EQ(make_assignments_fetch(options_)->type().str(), "assignments.fetch");
      EXPECT_EQ(make_assignments_restore(options_)->type().str(), "assignments.restore");
      return "taken";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.remedy(), Remedy::kCorrectInput);
      return failure.code();
    }
  }

  AssignmentsOptions options_ = {.graph = {.token_file = "token"}, .snapshot_directory = "snapshots"};
};

TEST_F(OptionsOfAssignments, AreCheckedBeforeTheFirstRun) {
  EXPECT_EQ(refusal_of_options(), "taken");
  options_.graph_tenant_id = "contoso.onmicrosoft.com";
  EXPECT_EQ(refusal_of_options(), "taken");
  options_.graph_tenant_id = "contoso\"";
  EXPECT_EQ(refusal_of_options(), "graph.tenant_id_invalid");
  options_.snapshot_directory = "";
  EXPECT_EQ(refusal_of_options(), "graph.unconfigured");
  options_.graph.token_file = "";
  EXPECT_EQ(refusal_of_options(), "graph.unconfigured");
  options_.graph.base_url = "http://graph.microsoft.com";
  EXPECT_EQ(refusal_of_options(), "graph.base_url_invalid");
}

TEST(AssignmentsEnvironment, NamesTokenAndDirectory) {
  std::map<std::string, const char*> variables;
  const auto variable = [&](const char* name) -> const char* {
    return variables.contains(name) ? variables[name] : nullptr;
  };
  EXPECT_FALSE(assignments_options(variable));
  variables = {
      {"GRAPH_TOKEN_FILE", "/run/{tenant}"}, {"RUNLEDGER_SNAPSHOTS", "/var/snapshots"}, {"GRAPH_BASE_URL", ""}};
  const auto least = assignments_options(variable);
  ASSERT_TRUE(least);
  EXPECT_EQ(least->graph.token_file, "/run/{tenant}");
  EXPECT_EQ(least->snapshot_directory, "/var/snapshots");
  EXPECT_EQ(least->graph.base_url, "https://graph.microsoft.com/beta");
  variables["GRAPH_BASE_URL"] = "http://127.0.0.1:81/beta";
  variables["GRAPH_CA_FILE"] = "/etc/ca.pem";
  variables["GRAPH_TENANT_ID"] = "contoso.example";
  const auto all = assignments_options(variable);
  EXPECT_EQ(all->graph.base_url, "http://127.0.0.1:81/beta");
  EXPECT_EQ(all->graph.ca_file, "/etc/ca.pem");
  EXPECT_EQ(all->graph_tenant_id, "contoso.example");
  variables["GRAPH_TOKEN_FILE"] = "";
  EXPECT_FALSE(assignments_options(variable));
}

}  // namespace
}  // namespace runledger
