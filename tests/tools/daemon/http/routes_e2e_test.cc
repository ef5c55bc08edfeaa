// Every route over a real socket: its answers and their statuses.
//
// The server is in the test's process, with tokens for several scopes and rights. Tests send requests over real
// connections and compare status, headers and JSON. Routes that every test would have to visit, such as for missing
// tokens, are taken from the table http_routes(), so that a new route is tested without a change here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>
#include <vector>

#include "schema/embedded.h"
#include "tests/fixtures/data/examples.h"
#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;

std::vector<json> lines_as_json(const std::string& body) {
  std::vector<json> lines;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = body.find('\n', at);
    lines.push_back(json::parse(body.substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

json start(const HttpTestWorld& world, const std::string& run) {
  const HttpReply reply = world.post("/v1/runs/" + run + "/attempts", {{"worker", "w1"}});
  EXPECT_EQ(reply.status, 201) << reply.body;
  return reply.json();
}

TEST(HttpRoutes, ARunThatWasRequestedCanBeShown) {
  const HttpTestWorld world;
  const HttpReply requested =
      world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"n", 1}}}, {"initiator", "ann"}});
  ASSERT_EQ(requested.status, 201) << requested.body;
  const std::string id = requested.json().value("run_id", "");
  EXPECT_EQ(requested.headers.at("location"), "/v1/runs/" + id);
  EXPECT_EQ(requested.headers.at("content-type"), "application/json");
  const HttpReply shown = world.get("/v1/runs/" + id);
  ASSERT_EQ(shown.status, 200) << shown.body;
  const json run = shown.json()["run"];
  EXPECT_EQ(run["run_id"], id);
  EXPECT_EQ(run["status"], "queued");
  EXPECT_EQ(run["context"], (json{{"n", 1}}));
  EXPECT_EQ(run["initiator"], "ann");
  EXPECT_EQ(run["tenant_id"], "north");
  EXPECT_EQ(shown.json()["attempts"], json::array());
  EXPECT_EQ(shown.json()["events"].size(), 1U);
}

TEST(HttpRoutes, ARequestSaysMoreOfItsRunThanItsInput) {
  const HttpTestWorld world;
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const std::string parent = world.post("/v1/runs", {{"type", "demo.sync"}}).json().value("run_id", "");
  const json body = {
      {"type", "demo.sync"}, {"input", {{"n", 1}}}, {"labels", {{"region", "eu"}}}, {"parent_run_id", parent}};
  const HttpReply requested = world.ask({.method = "POST",
                                         .target = "/v1/runs",
                                         .token = HttpTestWorld::kNorth,
                                         .body = body.dump(),
                                         .headers = {{"traceparent", trace}}});
  ASSERT_EQ(requested.status, 201) << requested.body;
  const json run = world.get("/v1/runs/" + requested.json().value("run_id", "")).json()["run"];
  EXPECT_EQ(run["labels"], (json{{"region", "eu"}}));
  EXPECT_EQ(run["parent_run_id"], parent);
  EXPECT_EQ(run["root_run_id"], parent);
  EXPECT_EQ(run["traceparent"], trace);
}

TEST(HttpRoutes, ARequestIsRefusedForWhatItSaysOfItsRun) {
  const HttpTestWorld world;
  const auto code = [&](const json& more) {
    json body = {{"type", "demo.sync"}};
    body.update(more);
    const HttpReply reply = world.post("/v1/runs", body);
    return std::to_string(reply.status) + " " + reply.json().value("code", "");
  };
  const char* nobodys = "00000000-0000-4000-8000-000000000000";
  EXPECT_EQ(code({{"labels", {{"Region", "eu"}}}}), "400 label.key_invalid");
  EXPECT_EQ(code({{"labels", {{"region", 1}}}}), "400 body.malformed");
  EXPECT_EQ(code({{"labels", json::array()}}), "400 body.malformed");
  EXPECT_EQ(code({{"parent_run_id", "x"}}), "400 parent.invalid");
  EXPECT_EQ(code({{"parent_run_id", nobodys}}), "404 parent.not_found");
  EXPECT_EQ(code({{"rerun_of", nobodys}}), "404 rerun_of.not_found");
  EXPECT_EQ(code({{"policy", {{"max_attempts", 4}}}}), "400 policy.out_of_bounds");
  EXPECT_EQ(code({{"policy", {{"lease", 4}}}}), "400 body.malformed");
  EXPECT_EQ(code({{"policy", {{"max_attempts", 0}}}}), "400 body.malformed");
  const json warned = world.post("/v1/runs", {{"type", "demo.sync"}, {"traceparent", "00-1"}}).json();
  EXPECT_EQ(warned["warnings"], (json::array({{{"code", "traceparent.invalid"}, {"path", "traceparent"}}})));
}

TEST(HttpRoutes, AReportIsNotLostForItsDetails) {
  const HttpTestWorld world;
  int runs = 0;
  const auto with = [&](const char* name, const json& value) {
    const std::string run = world.request({{"n", ++runs}});
    const json started = world.post("/v1/runs/" + run + "/attempts", {{"worker", "w"}}).json();
    const json body = {{"token", started["token"]}, {"outcome", "succeeded"}, {name, value}};
    const HttpReply reply = world.post("/v1/runs/" + run + "/attempts/1/finish", body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    const json warnings = reply.json().value("warnings", json::array());
    return warnings.empty() ? "" : warnings[0].value("code", "") + " " + warnings[0].value("path", "");
  };
  EXPECT_EQ(with("summary_counts", {{"a", -1}}), "counts.invalid summary_counts.a");
  EXPECT_EQ(with("summary_counts", {{"a", 3.5}}), "counts.invalid summary_counts.a");
  EXPECT_EQ(with("summary_counts", {{"A b", 1}}), "counts.key_invalid summary_counts");
  EXPECT_EQ(with("summary_counts", json::array()), "") << "PHP's empty object";
  EXPECT_EQ(with("summary_counts", json::array({1})), "counts.invalid summary_counts");
  EXPECT_EQ(with("failures", "x"), "failures.invalid failures");
  EXPECT_EQ(with("failures", json::array({1})), "failures.invalid failures[0]");
  EXPECT_EQ(with("failures", json::array({{{"reason_code", "a.b"}, {"trace", 1}}})), "failures.invalid failures[0]");
  EXPECT_EQ(with("failures", json::array({{{"reason_code", "a.b"}}, 1})), "failures.invalid failures[1]");
  EXPECT_EQ(with("failures", json::array({{{"reason_code", "x"}}})), "reason_code.invalid failures[0].reason_code");
  EXPECT_EQ(with("failures", json(std::vector<json>(21, {{"reason_code", "a.b"}}))), "failures.too_many failures[20]");
}

TEST(HttpRoutes, AClaimStartsTheRunThatIsDueFirstAndSaysWhatItIs) {
  const HttpTestWorld world;
  const json claim{{"types", {"demo.sync"}}, {"worker", "w"}, {"starter", "process-1"}};
  EXPECT_EQ(world.post("/v1/claims", claim).status, 204);
  world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"n", 1}}}});
  const HttpReply claimed = world.post("/v1/claims", claim);
  EXPECT_EQ(claimed.status, 201) << claimed.body;
  EXPECT_EQ(claimed.json()["decision"], "started");
  EXPECT_EQ(claimed.json()["attempt"], 1);
  EXPECT_EQ(claimed.json()["type"], "demo.sync");
  EXPECT_EQ(claimed.json()["tenant_id"], "north");
  EXPECT_EQ(claimed.json()["input"], (json{{"n", 1}}));
  EXPECT_EQ(claimed.json()["lease_seconds"], 60.0);
  const json schemas = json::parse(embedded::kOpenApiJson)["components"]["schemas"];
  std::set<std::string> described;
  for (const json& part : schemas["ClaimedRun"]["allOf"]) {
    const json& schema = part.contains("$ref") ? schemas["Answer"] : part;
    for (const auto& [name, value] : schema["properties"].items()) described.insert(name);
  }
  std::set<std::string> answered;
  const json answer = claimed.json();
  for (const auto& [name, value] : answer.items()) answered.insert(name);
  described.erase("warnings");  // Absent, because there are none.
  EXPECT_EQ(answered, described);
  EXPECT_EQ(world.post("/v1/claims", claim).status, 204);
}

TEST(HttpRoutes, AClaimOfAnotherTenantGetsNothing) {
  const HttpTestWorld world;
  world.post("/v1/runs", {{"type", "demo.sync"}}, "north");
  EXPECT_EQ(world.post("/v1/claims", {{"types", {"demo.sync"}}}, "south").status, 204);
  EXPECT_EQ(world.post("/v1/claims", {{"types", {"demo.sync"}}}, "north").status, 201);
}

TEST(HttpRoutes, AClaimThatCannotBeMeantIsRefused) {
  const HttpTestWorld world;
  EXPECT_EQ(world.post("/v1/claims", {{"types", json::array()}}).problem(), "400 claim.invalid");
  EXPECT_EQ(world.post("/v1/claims", {{"types", {"a.b"}}, {"wait_seconds", 61}}).problem(), "400 claim.invalid");
  EXPECT_EQ(world.post("/v1/claims", {{"types", {"a.b"}}, {"wait_seconds", -1}}).problem(), "400 claim.invalid");
  EXPECT_EQ(world.post("/v1/claims", {{"types", "a.b"}}).problem(), "400 body.malformed");
  EXPECT_EQ(world.post("/v1/claims", {{"worker", "w"}}).problem(), "400 body.malformed");
}

TEST(HttpRoutes, AWholeLifeOfARunGoesThroughAllCommands) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  const json started = start(world, run);
  EXPECT_EQ(started["decision"], "started");
  const std::string attempt = fmt::format("/v1/runs/{}/attempts/{}", run, started["attempt"].get<int>());
  const HttpReply alive = world.post(attempt + "/heartbeat", {{"token", started["token"]}});
  EXPECT_EQ(alive.status, 200) << alive.body;
  EXPECT_EQ(alive.json()["decision"], "alive");
  const HttpReply finished = world.post(
      attempt + "/finish", {{"token", started["token"]},
                            {"outcome", "partially_succeeded"},
                            {"summary_counts", {{"total", 3}, {"failed", 1}}},
                            {"failures", json::array({{{"reason_code", "graph.throttled"}, {"message", "429"}}})}});
  EXPECT_EQ(finished.status, 200) << finished.body;
  EXPECT_EQ(finished.json()["decision"], "finished");
  const json shown = world.get("/v1/runs/" + run).json();
  EXPECT_EQ(shown["run"]["outcome"], "partially_succeeded");
  EXPECT_EQ(shown["run"]["summary_counts"], (json{{"total", 3}, {"failed", 1}}));
  EXPECT_EQ(shown["attempts"][0]["failures"][0]["reason_code"], "graph.throttled");
  const HttpReply events = world.get("/v1/runs/" + run + "/events");
  EXPECT_EQ(events.headers.at("content-type"), "application/x-ndjson");
  const std::vector<json> kinds = lines_as_json(events.body);
  ASSERT_EQ(kinds.size(), 3U);
  EXPECT_EQ(kinds[2]["kind"], "attempt-finished");
  EXPECT_EQ(world.post("/v1/runs/" + run + "/attempts", {}).json()["rule"], "run_completed");
}

TEST(HttpRoutes, TheSameRequestIsDedupedAndASecondStartSkipped) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  const HttpReply again = world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"n", 1}}}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json()["decision"], "deduped");
  EXPECT_EQ(again.json()["rule"], "active_run");
  EXPECT_EQ(again.json()["run_id"], run);
  start(world, run);
  const HttpReply skipped = world.post("/v1/runs/" + run + "/attempts", {{"worker", "w2"}});
  EXPECT_EQ(skipped.status, 200);
  EXPECT_EQ(skipped.headers.at("content-type"), "application/json");
  EXPECT_EQ(skipped.json()["decision"], "skipped");
  EXPECT_EQ(skipped.json()["rule"], "attempt_active");
}

TEST(HttpRoutes, RunsCanBeFailedAndCancelled) {
  const HttpTestWorld world;
  const std::string failing = world.request({{"n", 1}});
  const HttpReply failed =
      world.post("/v1/runs/" + failing + "/fail",
                 {{"reason_code", "dispatch.failed"}, {"message", "no worker"}, {"initiator", "ann"}});
  EXPECT_EQ(failed.status, 200) << failed.body;
  EXPECT_EQ(failed.json()["outcome"], "failed");
  EXPECT_EQ(world.get("/v1/runs/" + failing).json()["run"]["reason_code"], "dispatch.failed");
  EXPECT_EQ(world.get("/v1/runs/" + failing).json()["events"][1]["data"]["initiator"], "ann");
  const std::string cancelling = world.request({{"n", 2}});
  const json cancelled = world.post("/v1/runs/" + cancelling + "/cancel", nullptr).json();
  EXPECT_EQ(cancelled["decision"], "cancelled");
  EXPECT_EQ(cancelled["outcome"], "cancelled");
  EXPECT_EQ(world.get("/v1/runs/" + cancelling).json()["events"][1]["data"]["initiator"], nullptr);
  const std::string named = world.request({{"n", 3}});
  EXPECT_EQ(world.post("/v1/runs/" + named + "/cancel", {{"initiator", "bob"}}).json()["outcome"], "cancelled");
  EXPECT_EQ(world.get("/v1/runs/" + named).json()["events"][1]["data"]["initiator"], "bob");
  EXPECT_EQ(world.post("/v1/runs/" + failing + "/cancel", nullptr).problem(), "409 run.completed");
}

TEST(HttpRoutes, ListsArePagedAndFiltered) {
  const HttpTestWorld world;
  for (int n = 0; n < 3; ++n) world.request({{"n", n}});
  const json first = world.get("/v1/runs?limit=2").json();
  EXPECT_EQ(first["runs"].size(), 2U);
  ASSERT_TRUE(first["next_cursor"].is_string());
  const json second = world.get("/v1/runs?limit=2&cursor=" + first["next_cursor"].get<std::string>()).json();
  EXPECT_EQ(second["runs"].size(), 1U);
  EXPECT_EQ(second["next_cursor"], nullptr);
  EXPECT_EQ(world.get("/v1/runs?status=completed").json()["runs"], json::array());
  EXPECT_EQ(world
                .get("/v1/runs?outcome=pending&type=demo.sync&workspace=acme&tenant=north"
                     "&since=1970-01-01T00:00:00Z&until=2100-01-01T00:00:00+02:00")
                .json()["runs"]
                .size(),
            3U);
  EXPECT_EQ(world.get("/v1/runs?cursor=beef").problem(), "400 cursor.invalid");
  EXPECT_EQ(world.get("/v1/runs?workspace=other").problem(), "404 scope.not_found");
}

TEST(HttpRoutes, ARunCanBeShownAsItWas) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  start(world, run);
  EXPECT_EQ(world.get("/v1/runs/" + run + "?as_of=1").json()["run"]["status"], "queued");
  EXPECT_EQ(world.get("/v1/runs/" + run + "?as_of=2").json()["run"]["status"], "running");
  EXPECT_EQ(world.get("/v1/runs/" + run + "?as_of=0").problem(), "404 run.not_found");
  EXPECT_EQ(world.get("/v1/runs/" + run + "?as_of=2100-01-01T00:00:00Z").json()["run"]["status"], "running");
  EXPECT_EQ(world.get("/v1/runs/" + run + "?as_of=yesterday").problem(), "400 time.invalid");
  EXPECT_EQ(lines_as_json(world.get("/v1/runs/" + run + "/events?as_of=1").body).size(), 1U);
}

TEST(HttpRoutes, EventsAreReadInPages) {
  const HttpTestWorld world;
  for (int n = 0; n < 5; ++n) world.request({{"n", n}});
  const HttpReply first = world.get("/v1/events?limit=2");
  EXPECT_EQ(lines_as_json(first.body).size(), 2U);
  EXPECT_EQ(first.headers.at("runledger-next-after"), "2");
  const HttpReply rest = world.get("/v1/events?after=2");
  ASSERT_EQ(lines_as_json(rest.body).size(), 3U);
  EXPECT_EQ(lines_as_json(rest.body)[0]["sequence"], 3);
  const HttpReply none = world.get("/v1/events?after=5");
  EXPECT_EQ(none.body, "");
  EXPECT_EQ(none.headers.at("runledger-next-after"), "5");
}

TEST(HttpRoutes, TypesAndTotalsAreShown) {
  const HttpTestWorld world;
  world.request({{"n", 1}});
  const json types = world.get("/v1/types").json()["types"];
  ASSERT_FALSE(types.empty());
  EXPECT_TRUE(types[0].contains("max_attempts"));
  const json stats = world.get("/v1/stats").json();
  EXPECT_EQ(stats["runs"], 1);
  EXPECT_EQ(stats["by_status"], (json{{"queued", 1}}));
  EXPECT_EQ(stats["head"], 1);
  EXPECT_EQ(world.get("/v1/stats?type=demo.other").json()["runs"], 0);
}

TEST(HttpRoutes, SomePathsNeedNoToken) {
  HttpTestWorld world;
  EXPECT_EQ(world.get("/healthz", "").json(), (json{{"status", "alive"}}));
  EXPECT_EQ(world.get("/readyz", "").json(), (json{{"status", "ready"}}));
  EXPECT_EQ(world.get("/openapi.json", "").json()["openapi"], "3.1.0");
  world.become_unready();
  const HttpReply unready = world.get("/readyz", "");
  EXPECT_EQ(unready.problem(), "503 daemon.not_ready");
  EXPECT_EQ(unready.json()["detail"], "the rows have stopped");
  EXPECT_EQ(world.get("/healthz", "").status, 200);
}

TEST(HttpRoutes, WhatIsNotServedIsNotFound) {
  const HttpTestWorld world;
  for (const std::string path : {"/", "/v1", "/v1/", "/v1/runs/", "//v1/runs", "/v1/run", "/v1/claim", "/V1/runs",
                                 "/v1/runs/a/b/c", "/v1/runs/a/attempts/1/finish/x"}) {
    EXPECT_EQ(world.get(path).problem(), "404 route.not_found") << path;
    EXPECT_EQ(world.post(path, nullptr).problem(), "404 route.not_found") << path;
  }
  const HttpReply wrong = world.ask({.method = "DELETE", .target = "/v1/runs", .token = "north"});
  EXPECT_EQ(wrong.problem(), "405 method.not_allowed");
  EXPECT_EQ(wrong.headers.at("allow"), "GET, HEAD, POST");
  EXPECT_EQ(world.post("/v1/types", nullptr).headers.at("allow"), "GET, HEAD");
}

TEST(HttpRoutes, CallersWithoutAGoodTokenAreTurnedAway) {
  HttpTestWorld world;
  for (const HttpRoute& route : http_routes()) {
    if (route.access == HttpAccess::kOpen) continue;
    for (const std::string token : {"", "wrong", "NORTH"}) {
      const HttpReply reply =
          world.ask({.method = std::string(route.method), .target = std::string(route.path), .token = token});
      // A path with {…} is no valid target. All other paths report the missing token first.
      if (route.path.find('{') != std::string_view::npos) continue;
      EXPECT_EQ(reply.problem(), "401 access.unauthenticated") << route.path;
      EXPECT_TRUE(reply.headers.at("www-authenticate").starts_with("Bearer")) << route.path;
    }
  }
  const auto with = [&](const std::string& authorization) {
    return world.ask({.target = "/v1/types", .token = "", .headers = {{"Authorization", authorization}}});
  };
  EXPECT_EQ(with("bearer north").status, 200);
  for (const std::string authorization : {"Basic bm9ydGg6", "north", "Bearer", "Bearer  north", "Bearernorth"})
    EXPECT_EQ(with(authorization).status, 401) << authorization;
  EXPECT_EQ(with("Bearer " + std::string(5000, 'x')).status, 401);
}

TEST(HttpRoutes, AFailureIsToldToTheOperatorAndOnlyNamedToTheCaller) {
  const HttpTestWorld world;
  const HttpReply reply = world.get("/v1/types", "broken");
  EXPECT_EQ(reply.problem(), "500 storage.failed");
  EXPECT_EQ(reply.body.find("/srv"), std::string::npos) << reply.body;
  EXPECT_EQ(world.reported(), "storage.failed: /srv/ledger/tokens is gone");
  EXPECT_EQ(world.get("/v1/types").status, 200);
}

TEST(HttpRoutes, ABugOfAdmittingARequestIsOneRequests) {
  const HttpTestWorld world;
  EXPECT_EQ(world.get("/v1/types", HttpTestWorld::kBuggy).problem(), "500 internal");
  EXPECT_EQ(world.reported(), "internal: a token is no number");
  EXPECT_EQ(world.get("/v1/types").status, 200);
}

TEST(HttpRoutes, RefusalsDoNotRepeatSecrets) {
  const HttpTestWorld world;
  const std::string secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
  for (const HttpReply& reply :
       {world.post("/v1/runs", {{"type", "demo.sync"}, {secret, 1}}), world.post("/v1/runs", {{"type", secret}}),
        world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"note", secret}}}}),
        world.get("/v1/runs?" + secret + "=1"), world.get("/v1/runs?tenant=" + secret), world.get("/v1/" + secret),
        world.get("/v1/runs/" + secret), world.get("/v1/types", secret)}) {
    EXPECT_GE(reply.status, 400);
    EXPECT_EQ(reply.body.find(secret), std::string::npos) << reply.body;
  }
}

TEST(HttpRoutes, ACallerWithoutARightIsDenied) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  EXPECT_EQ(world.post("/v1/runs", {{"type", "demo.sync"}}, "looker").problem(), "403 access.denied");
  EXPECT_EQ(world.post("/v1/runs/" + run + "/attempts", nullptr, "looker").problem(), "403 access.denied");
  EXPECT_EQ(world.get("/v1/events", "looker").problem(), "403 access.denied");
  EXPECT_EQ(world.get("/v1/events?follow=1", "looker").problem(), "403 access.denied");
  EXPECT_EQ(world.get("/v1/runs/" + run, "looker").status, 200);
}

TEST(HttpRoutes, ARepeatedCommandIsAnsweredTheSame) {
  const HttpTestWorld world;
  const std::string key = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";
  const auto request = [&](int n, const std::string& in_body, const std::string& in_header) {
    json body = {{"type", "demo.sync"}, {"input", {{"n", n}}}};
    if (!in_body.empty()) body["command_id"] = in_body;
    HttpAsk ask{.method = "POST", .target = "/v1/runs", .token = "north", .body = body.dump()};
    if (!in_header.empty()) ask.headers["Idempotency-Key"] = in_header;
    return world.ask(ask);
  };
  const HttpReply first = request(1, "", key);
  EXPECT_EQ(first.status, 201);
  for (const HttpReply& again : {request(1, "", key), request(1, key, ""), request(1, key, key)}) {
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(again.json()["run_id"], first.json()["run_id"]);
    EXPECT_EQ(again.json()["repeated"], true);
  }
  EXPECT_EQ(request(2, "", key).problem(), "409 command.reused");
  EXPECT_EQ(request(1, "6f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", key).problem(), "400 command_id.ambiguous");
  EXPECT_EQ(request(1, "one", "").problem(), "400 command_id.invalid");
}

TEST(HttpRoutes, RefusalsOfTheRulesAreConflicts) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  const std::string path = "/v1/runs/" + run;
  const json finish = {{"token", 99}, {"outcome", "succeeded"}};
  EXPECT_EQ(world.post(path + "/attempts/1/finish", finish).problem(), "409 attempt.not_started");
  const json started = start(world, run);
  EXPECT_EQ(world.post(path + "/attempts/1/finish", finish).problem(), "409 attempt.wrong_token");
  EXPECT_EQ(world.post(path + "/attempts/1/heartbeat", {{"token", 99}}).problem(), "409 attempt.wrong_token");
  EXPECT_EQ(world.post("/v1/runs", {{"type", "demo.sync"}, {"run_id", run}, {"input", {{"n", 2}}}}).problem(),
            "409 run.exists_with_other_input");
  const json good = {{"token", started["token"]}, {"outcome", "succeeded"}};
  EXPECT_EQ(world.post(path + "/attempts/1/finish", good).status, 200);
  const json other = {{"token", started["token"]}, {"outcome", "blocked"}};
  EXPECT_EQ(world.post(path + "/attempts/1/finish", other).problem(), "409 attempt.already_finished");
}

// Every request for an identity with an active run adds an event to that run.
TEST(HttpRoutes, ARunWithManyEventsIsToldInPages) {
  HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  constexpr int kDeduped = 1100;
  RunRequest request;
  request.workspace = examples::workspace("acme");
  request.tenant = examples::tenant("north");
  request.type = examples::type("demo.sync");
  request.input = examples::input(R"({"n":1})");
  Ledger& ledger = world.ledger();
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < kDeduped; ++i) answers.push_back(ledger.submit(request, {}));
  for (std::future<Answer>& answer : answers) ASSERT_EQ(std::get<Reply>(answer.get()).verdict, Verdict::kDeduped);
  const json shown = world.get("/v1/runs/" + run).json();
  EXPECT_EQ(shown["run"]["deduped_count"], kDeduped);
  EXPECT_EQ(shown["events"].size(), 200U);
  EXPECT_EQ(shown["next_events_after"], 200);
  EXPECT_EQ(shown["last_events"].size(), 200U);
  EXPECT_EQ(shown["last_events"].front()["run_version"], 902);
  EXPECT_EQ(shown["last_events"].back()["run_version"], 1101);
  const json early = world.get("/v1/runs/" + run + "?as_of=3").json();
  EXPECT_EQ(early["next_events_after"], nullptr);
  EXPECT_EQ(early["last_events"].size(), 0U);
  const auto count = [](const HttpReply& reply) { return std::count(reply.body.begin(), reply.body.end(), '\n'); };
  const HttpReply first = world.get("/v1/runs/" + run + "/events");
  EXPECT_EQ(count(first), 1000);
  EXPECT_EQ(first.headers.at("runledger-next-after"), "1000");
  const HttpReply rest = world.get("/v1/runs/" + run + "/events?after=1000");
  EXPECT_EQ(count(rest), 101);
  EXPECT_EQ(rest.headers.at("runledger-next-after"), "1101");
  EXPECT_EQ(json::parse(rest.body.substr(0, rest.body.find('\n')))["run_version"], 1001);
  const HttpReply few = world.get("/v1/runs/" + run + "/events?after=255&limit=3");
  EXPECT_EQ(count(few), 3);
  EXPECT_EQ(few.headers.at("runledger-next-after"), "258");
  EXPECT_EQ(count(world.get("/v1/runs/" + run + "/events?after=1101")), 0);
}

TEST(HttpRoutes, APageOfGreatRunsEndsEarlyAndGoesOn) {
  const HttpTestWorld world;
  constexpr std::size_t kRuns = 100;
  for (std::size_t n = 0; n < kRuns; ++n) world.request({{"n", n}, {"text", std::string(60'000, 'x')}});
  std::set<std::string> seen;
  std::string cursor;
  std::size_t pages = 0;
  do {
    const HttpReply page = world.get("/v1/runs?limit=1000" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200);
    EXPECT_LT(page.body.size(), 6U * 1024U * 1024U);
    const json body = page.json();
    for (const json& run : body["runs"]) EXPECT_TRUE(seen.insert(run["run_id"]).second);
    cursor = body["next_cursor"].is_null() ? "" : body["next_cursor"];
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(pages, 2U);
  EXPECT_EQ(seen.size(), kRuns);
}

TEST(HttpRoutes, ACommandMaySayWhenItHappened) {
  const HttpTestWorld world;
  const std::string when = "2026-01-05T08:00:00.000000Z";
  const HttpReply requested = world.post("/v1/runs", {{"type", "demo.sync"}, {"occurred_at", when}});
  ASSERT_EQ(requested.status, 201) << requested.body;
  const std::string run = requested.json().value("run_id", "");
  ASSERT_EQ(world.post("/v1/runs/" + run + "/cancel", {{"occurred_at", when}}).status, 200);
  const json shown = world.get("/v1/runs/" + run).json();
  EXPECT_EQ(shown["events"].size(), 2U);
  for (const json& event : shown["events"])
    EXPECT_TRUE(event.value("occurred_at", "").starts_with("2026-01-05T08:00:00")) << event;
  EXPECT_EQ(world.post("/v1/runs", {{"type", "demo.sync"}, {"occurred_at", "yesterday"}}).problem(),
            "400 time.invalid");
}

TEST(HttpRoutes, PagesOfAnAllowedOriginMayCall) {
  HttpOptions options;
  options.access.allowed_origins = {"https://ops.example"};
  const HttpTestWorld world(options);
  const auto from = [](const std::string& method, const std::string& origin) {
    return HttpAsk{.method = method,
                   .target = "/v1/types",
                   .token = method == "OPTIONS" ? "" : "north",
                   .headers = {{"Origin", origin}, {"Access-Control-Request-Method", "GET"}}};
  };
  const HttpReply preflight = world.ask(from("OPTIONS", "https://ops.example"));
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.at("access-control-allow-origin"), "https://ops.example");
  EXPECT_EQ(preflight.headers.at("access-control-allow-methods"), "GET, HEAD");
  EXPECT_NE(preflight.headers.at("access-control-allow-headers").find("Authorization"), std::string::npos);
  const HttpReply reply = world.ask(from("GET", "https://ops.example"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("access-control-allow-origin"), "https://ops.example");
  EXPECT_EQ(reply.headers.at("vary"), "Origin");
  const HttpReply foreign = world.ask(from("OPTIONS", "https://elsewhere.example"));
  EXPECT_EQ(foreign.problem(), "403 origin.denied");
  EXPECT_FALSE(foreign.headers.contains("access-control-allow-origin"));
  EXPECT_FALSE(world.get("/v1/types").headers.contains("access-control-allow-origin"));
}

}  // namespace
}  // namespace runledger
