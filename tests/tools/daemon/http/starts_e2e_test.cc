// Starts over HTTP: keys and starters, the lease, the wait for a retry, progress, and polls.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;

TEST(HttpStarts, AnIdempotencyKeyIsAnyShortTextWithOrWithoutQuotes) {
  const HttpTestWorld world;
  const auto request = [&](int n, const std::string& key) {
    const json body = {{"type", "demo.sync"}, {"input", {{"n", n}}}};
    HttpAsk ask{.method = "POST", .target = "/v1/runs", .token = "north", .body = body.dump()};
    ask.headers["Idempotency-Key"] = key;
    return world.ask(ask);
  };
  const std::string uuid = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";
  const std::vector<std::pair<std::string, std::string>> same = {
      {"job-17", R"("job-17")"},
      {uuid, '"' + uuid + '"'},
      {R"(a"b\c)", R"("a\"b\\c")"},
      {"gr\xc3\xbc\xc3\x9f 17", "gr\xc3\xbc\xc3\x9f 17"},
      {std::string(200, 'x'), '"' + std::string(200, 'x') + '"'}};
  int n = 0;
  for (const auto& [plain, again] : same) {
    SCOPED_TRACE(plain);
    const HttpReply first = request(++n, plain);
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.json()["repeated"], false);
    EXPECT_EQ(request(n, again).json()["run_id"], first.json()["run_id"]);
    EXPECT_EQ(request(n, again).json()["repeated"], true);
    EXPECT_EQ(request(100 + n, again).problem(), "409 command.reused");
  }
  for (const std::string& bad : {std::string(201, 'x'), std::string(R"("")"), std::string(R"("open)"),
                                 std::string(R"("a"b)"), std::string(R"("a\x")"), std::string("\xff")}) {
    EXPECT_EQ(request(50, bad).problem(), "400 idempotency_key.invalid") << bad;
  }
}

// The codes of what an answer warns of, but for the type, which the daemon's catalog does not list.
std::vector<std::string> start_warnings(const json& answer) {
  std::vector<std::string> codes;
  for (const json& warning : answer.value("warnings", json::array())) {
    if (warning["code"] != "type.unknown") codes.push_back(warning["code"]);
  }
  return codes;
}

TEST(HttpStarts, TwoDeliveriesWithOneKeyDoNotBothStart) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  const auto deliver = [&](const std::string& target, const std::string& starter, json body) {
    HttpAsk ask{.method = "POST", .target = target, .token = "north", .body = body.dump()};
    ask.headers["Idempotency-Key"] = "job-17 of " + target;
    if (!starter.empty()) ask.headers["Runledger-Starter"] = starter;
    return world.ask(ask).json();
  };
  for (const auto& [target, body] :
       {std::pair<std::string, json>{"/v1/runs/" + run + "/attempts", json::object()},
        std::pair<std::string, json>{"/v1/attempts", {{"type", "demo.sync"}, {"input", {{"n", 2}}}}}}) {
    SCOPED_TRACE(target);
    const json first = deliver(target, "process-1", body);
    EXPECT_EQ(first["decision"], "started");
    EXPECT_EQ(start_warnings(first), std::vector<std::string>{});
    EXPECT_EQ(deliver(target, "process-2", body)["rule"], "attempt_active");
    const json resent = deliver(target, "process-1", body);
    EXPECT_EQ(resent["token"], first["token"]);
    EXPECT_EQ(resent["repeated"], true);
    const json nameless = deliver(target, "", body);
    EXPECT_EQ(start_warnings(nameless), std::vector<std::string>{"starter.missing"});
    json named = body;
    named["starter"] = std::string(201, 'x');
    EXPECT_EQ(world.post(target, named).problem(), "400 starter.invalid");
  }
}

TEST(HttpStarts, AStartByIdentityRequestsAndStarts) {
  const HttpTestWorld world;
  const json body = {{"type", "demo.sync"}, {"input", {{"n", 1}}}, {"worker", "w1"}, {"starter", "process-1"}};
  const HttpReply started = world.post("/v1/attempts", body);
  EXPECT_EQ(started.status, 201) << started.body;
  EXPECT_EQ(started.json()["decision"], "started");
  EXPECT_EQ(started.json()["attempt"], 1);
  EXPECT_EQ(started.json()["lease_seconds"], 60);
  const HttpReply skipped = world.post("/v1/attempts", body);
  EXPECT_EQ(skipped.status, 200) << skipped.body;
  EXPECT_EQ(skipped.json()["rule"], "attempt_active");
  EXPECT_EQ(skipped.json()["run_id"], started.json()["run_id"]);
  EXPECT_EQ(world.post("/v1/attempts", body, "looker").problem(), "403 access.denied");
}

TEST(HttpStarts, AStartCanAskForItsLeaseAndWaitForItsRetry) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  const std::string path = "/v1/runs/" + run + "/attempts";
  EXPECT_EQ(world.post(path, {{"lease_seconds", 61}}).problem(), "400 policy.out_of_bounds");
  EXPECT_EQ(world.post("/v1/claims", {{"types", {"demo.sync"}}, {"lease_seconds", 61}}).problem(),
            "400 policy.out_of_bounds");
  const json started = world.post(path, {{"lease_seconds", 60}}).json();
  EXPECT_EQ(started["lease_seconds"], 60);
  world.post(path + "/1/finish", {{"token", started["token"]}, {"outcome", "failed"}});
  const HttpReply waits = world.post(path, {{"respect_not_before", true}, {"starter", "p"}});
  EXPECT_EQ(waits.status, 200);
  EXPECT_EQ(waits.json()["rule"], "not_due");
  EXPECT_EQ(waits.headers.at("retry-after"), "30");
  EXPECT_EQ(world.post(path, {{"starter", "p"}}).json()["attempt"], 2);
}

TEST(HttpStarts, ProgressIsShownWhileTheAttemptIsOpen) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  const json started = world.post("/v1/runs/" + run + "/attempts", {{"starter", "p"}}).json();
  const std::string attempt = "/v1/runs/" + run + "/attempts/1";
  const auto listed = [&] { return world.get("/v1/runs").json()["runs"][0]; };
  EXPECT_FALSE(listed().contains("progress"));
  const auto beat = [&](json body) {
    body["token"] = started["token"];
    return world.post(attempt + "/heartbeat", body).json();
  };
  EXPECT_EQ(beat({{"progress", {{"items", 3}}}})["lease_seconds"], 60);
  EXPECT_EQ(beat({{"progress", {{"items", 7}, {"Pages", 1}}}})["warnings"],
            json::parse(R"([{"code":"counts.key_invalid","path":"progress"}])"));
  beat(json::object());
  EXPECT_EQ(listed()["progress"], (json{{"items", 7}}));
  EXPECT_EQ(listed()["summary_counts"], json::object());
  EXPECT_EQ(world.get("/v1/runs/" + run).json()["run"]["progress"], (json{{"items", 7}}));
  EXPECT_FALSE(world.get("/v1/runs/" + run + "?as_of=2").json()["run"].contains("progress"));
  EXPECT_EQ(world.get("/v1/runs/" + run).json()["events"].size(), 2U);
  world.post(attempt + "/finish", {{"token", started["token"]}, {"outcome", "succeeded"}});
  EXPECT_FALSE(listed().contains("progress"));
}

TEST(HttpStarts, PollingIsCountedOnceAndAppendsNothing) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  world.post("/v1/runs/" + run + "/attempts", {{"starter", "q"}});
  for (int poll = 0; poll < 5; ++poll) world.post("/v1/runs/" + run + "/attempts", {{"starter", "p"}});
  EXPECT_EQ(world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"n", 1}}}}).status, 200);
  const json shown = world.get("/v1/runs/" + run).json();
  EXPECT_EQ(shown["events"].size(), 4U);
  EXPECT_EQ(shown["run"]["skipped_count"], 1);
  EXPECT_EQ(shown["run"]["deduped_count"], 1);
  EXPECT_EQ(world.get("/v1/stats").json()["deduped"], (json{{"active_run", 1}, {"attempt_active", 1}}));
}

}  // namespace
}  // namespace runledger
