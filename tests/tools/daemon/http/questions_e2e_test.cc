// The routes that answer questions about runs: what they say, and that the OpenAPI document says the same.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;

TEST(HttpQuestions, DuplicatesAreToldAndExplained) {
  const HttpTestWorld world;
  const json asked = {{"type", "demo.sync"}, {"input", {{"n", 1}}}, {"initiator", "ann"}};
  const std::string identity = world.post("/v1/explain", asked).json()["identity"];
  EXPECT_EQ(world.post("/v1/explain", asked).json()["would_be"], "requested");
  EXPECT_EQ(world.get("/v1/runs").json()["runs"], json::array()) << "an explanation changes nothing";
  const std::string run = world.post("/v1/runs", asked).json().value("run_id", "");
  const json explained = world.post("/v1/explain", asked).json();
  const json again = world.post("/v1/runs", asked).json();
  EXPECT_EQ(explained["would_be"], again["decision"]);
  EXPECT_EQ(explained["rule"], again["rule"]);
  EXPECT_EQ(explained["run_id"], run);
  EXPECT_EQ(explained["identity"], identity);
  EXPECT_EQ(world.post("/v1/explain", asked, HttpTestWorld::kLooker).problem(), "403 access.denied");
  const json duplicates = world.get("/v1/duplicates", HttpTestWorld::kLooker).json();
  ASSERT_EQ(duplicates["duplicates"].size(), 1U);
  EXPECT_EQ(duplicates["duplicates"][0]["run_id"], run);
  EXPECT_EQ(duplicates["duplicates"][0]["asked_by"], "ann");
  EXPECT_EQ(world.get("/v1/duplicates?group=identity").json()["groups"][0]["run_identity_hash"], identity);
  EXPECT_EQ(world.get("/v1/runs/" + run + "/why").json()["reason"], "due");
  EXPECT_EQ(world.get("/v1/duplicates?rule=luck").problem(), "400 rule.invalid");
}

TEST(HttpQuestions, ListsAreFilteredByEveryAspectOfARun) {
  const HttpTestWorld world;
  const json asked = {
      {"type", "demo.sync"}, {"input", {{"n", 1}}}, {"initiator", "ann"}, {"labels", {{"region", "eu"}}}};
  const std::string run = world.post("/v1/runs", asked).json().value("run_id", "");
  world.post("/v1/runs", asked);  // Deduped.
  const json child = {{"type", "demo.other"}, {"input", {{"n", 2}}}, {"parent_run_id", run}};
  const std::string second = world.post("/v1/runs", child).json().value("run_id", "");
  const json started = world.post("/v1/runs/" + second + "/attempts", {{"worker", "w-7"}}).json();
  world.post("/v1/runs/" + second + "/attempts/1/finish", {{"token", started["token"]},
                                                           {"outcome", "failed"},
                                                           {"retryable", false},
                                                           {"failures", {{{"reason_code", "disk.full"}}}}});
  const auto listed = [&](const std::string& query) {
    const json page = world.get("/v1/runs?" + query).json();
    std::vector<std::string> ids;
    for (const json& each : page["runs"]) ids.push_back(each["id"]);
    EXPECT_GE(page["scanned"].get<std::size_t>(), ids.size()) << query;
    return ids;
  };
  const std::string identity = world.get("/v1/runs/" + run).json()["run"]["run_identity_hash"];
  using Ids = std::vector<std::string>;
  for (const std::string& query : {std::string("initiator=ann"), std::string("label=region%3Deu"),
                                   std::string("deduped=1"), "identity=" + identity, "id_prefix=" + run.substr(0, 18),
                                   std::string("status=queued"), std::string("type=demo.sync&label=region%3Deu")})
    EXPECT_EQ(listed(query), Ids{run}) << query;
  for (const std::string& query :
       {std::string("reason_code=disk.full"), std::string("worker=w-7"), "parent=" + run,
        std::string("outcome=failed&outcome=cancelled"), std::string("completed_since=1970-01-01T00:00:00Z")})
    EXPECT_EQ(listed(query), Ids{second}) << query;
  EXPECT_EQ(listed("type=demo.sync&type=demo.other"), (Ids{second, run}));
  EXPECT_EQ(listed("active_between=1970-01-01T00:00:00Z/2100-01-01T00:00:00Z"), (Ids{second, run}));
  EXPECT_EQ(listed("attempts_min=2"), Ids{});
  EXPECT_EQ(world.get("/v1/runs?limit=1").json()["reached"].is_string(), true);
  const json summary = world.get("/v1/runs?view=summary").json()["runs"][0];
  EXPECT_FALSE(summary.contains("context"));
  EXPECT_EQ(summary["id"], second);
  for (const auto& [query, code] : std::map<std::string, std::string>{{"view=all", "view.invalid"},
                                                                      {"deduped=2", "deduped.invalid"},
                                                                      {"id_prefix=12", "id_prefix.invalid"},
                                                                      {"label=a", "label.invalid"},
                                                                      {"active_between=x", "range.invalid"},
                                                                      {"attempts_min=-1", "attempts_min.invalid"},
                                                                      {"identity=ab", "identity.invalid"},
                                                                      {"as_of=soon", "time.invalid"},
                                                                      {"worker=a&worker=b", "http.malformed"}})
    EXPECT_EQ(world.get("/v1/runs?" + query).problem(), "400 " + code) << query;
}

TEST(HttpQuestions, WhatHappenedIsToldByTimeAndByWorker) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  const json started = world.post("/v1/runs/" + run + "/attempts", {{"worker", "w-7"}}).json();
  const std::string open = world.request({{"n", 2}});
  world.post("/v1/runs/" + open + "/attempts", {{"worker", "w-8"}});
  world.post("/v1/runs/" + run + "/attempts/1/finish", {{"token", started["token"]},
                                                        {"outcome", "failed"},
                                                        {"retryable", false},
                                                        {"failures", {{{"reason_code", "disk.full"}}}}});
  const json totals = world.get("/v1/stats?since=1970-01-01T00:00:00Z").json();
  EXPECT_EQ(totals["requested"], 2);
  EXPECT_EQ(totals["failures"], (json{{"disk.full", 1}}));
  EXPECT_FALSE(world.get("/v1/stats").json().contains("requested")) << "without a time, all totals are told";
  EXPECT_EQ(world.get("/v1/stats?as_of=2100-01-01T00:00:00Z").json()["requested"], 2);
  EXPECT_EQ(world.get("/v1/stats?as_of=4").problem(), "400 time.invalid");
  const json series = world.get("/v1/stats/series?by=outcome").json();
  EXPECT_EQ(series["series"][0]["name"], "failed");
  EXPECT_EQ(series["series"][0]["total"], 1);
  EXPECT_EQ(world.get("/v1/stats/series?step=7").problem(), "400 step.invalid");
  const json failures = world.get("/v1/failures").json();
  EXPECT_EQ(failures["groups"][0]["reason_code"], "disk.full");
  EXPECT_EQ(failures["groups"][0]["run_id"], run);
  const json workers = world.get("/v1/workers").json();
  EXPECT_EQ(workers["workers"][0]["worker"], "w-8");
  EXPECT_EQ(workers["workers"][0]["attempts"][0]["run_id"], open);
  const json attempts = world.get("/v1/attempts?worker=w-7").json();
  ASSERT_EQ(attempts["attempts"].size(), 1U);
  EXPECT_EQ(attempts["attempts"][0]["outcome"], "failed");
  for (const char* route : {"/v1/stats?since=1970-01-01T00:00:00Z", "/v1/stats/series", "/v1/failures", "/v1/workers",
                            "/v1/attempts", "/v1/overdue", "/v1/runs?as_of=2"})
    EXPECT_EQ(world.get(route, HttpTestWorld::kLooker).status, 200) << route;
}

// The members of each answer are those that the OpenAPI document requires, and no others.
TEST(HttpQuestions, AnswersToQuestionsAreAsDocumented) {
  HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"n", 1}}}});
  const json started = world.post("/v1/runs/" + run + "/attempts", {{"worker", "w-7"}}).json();
  const std::string second = world.request({{"n", 2}});
  world.post("/v1/runs/" + second + "/fail", {{"reason_code", "disk.full"}});
  const json schemas = world.get("/openapi.json").json()["components"]["schemas"];
  const auto expect_members = [&](const json& object, const char* schema) {
    std::set<std::string> found;
    std::set<std::string> documented;
    for (const auto& [name, value] : object.items()) found.insert(name);
    for (const auto& [name, value] : schemas[schema]["properties"].items()) documented.insert(name);
    EXPECT_EQ(found, documented) << schema;
    if (schemas[schema].contains("required")) {
      EXPECT_EQ(schemas[schema]["required"].size(), documented.size()) << schema;
    }
  };
  const auto get = [&](const std::string& target) { return world.get(target).json(); };
  const json duplicates = get("/v1/duplicates");
  expect_members(duplicates, "DuplicatePage");
  expect_members(duplicates["duplicates"][0], "Duplicate");
  const json groups = get("/v1/duplicates?group=identity");
  expect_members(groups, "DuplicateGroups");
  expect_members(groups["groups"][0], "DuplicateGroup");
  expect_members(world.post("/v1/explain", {{"type", "demo.sync"}}).json(), "Explanation");
  const json why = get("/v1/runs/" + run + "/why");
  expect_members(why, "WhyNot");
  expect_members(why["lease"], "OpenLease");
  expect_members(why["last_starts"][0], "RecordedStart");
  const json totals = get("/v1/stats?since=1970-01-01T00:00:00Z");
  expect_members(totals, "TotalsOfTime");
  expect_members(totals["by_type"][0], "TotalsOfType");
  expect_members(totals["wait"], "Durations");
  expect_members(totals["wait"]["buckets"][0], "DurationBucket");
  const json series = get("/v1/stats/series");
  expect_members(series, "Series");
  expect_members(series["series"][0], "Line");
  expect_members(series["durations"], "SeriesDurations");
  const json failures = get("/v1/failures");
  expect_members(failures, "FailureGroups");
  expect_members(failures["groups"][0], "FailureGroup");
  expect_members(failures["groups"][0]["shapes"][0], "MessageShape");
  expect_members(failures["messages_of"], "MessageWindow");
  const json workers = get("/v1/workers");
  expect_members(workers, "Workers");
  expect_members(workers["workers"][0], "Worker");
  expect_members(workers["workers"][0]["attempts"][0], "OpenAttempt");
  world.ledger().replace_catalog(
      *Catalog::parse(R"({"types":[{"type":"demo.sync","expect_every_seconds":5}]})", Policy{}));
  world.clock().advance(std::chrono::seconds(6));
  const json overdue = get("/v1/overdue");
  expect_members(overdue, "Overdue");
  ASSERT_EQ(overdue["overdue"].size(), 1U);
  expect_members(overdue["overdue"][0], "OverdueType");
  const json types = get("/v1/types");
  EXPECT_EQ(types["types"][0]["expect_every_seconds"], 5.0);
  const json attempts = get("/v1/attempts");
  expect_members(attempts, "AttemptPage");
  expect_members(attempts["attempts"][0], "ListedAttempt");
}

}  // namespace
}  // namespace runledger
