// The positions in answers, and what they are good for: reading one's own writes, and following the events from there.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;

json request_of(const HttpTestWorld& world, int n, const std::string& token) {
  const json body{{"workspace", "acme"},
                  {"tenant", token == "acme" || token == "all" ? "north" : token},
                  {"type", "demo.sync"},
                  {"input", {{"n", n}}}};
  return world.post("/v1/runs", body, token).json();
}

std::string position_of(const json& answer) {
  return answer.at("position").get<std::string>();
}

// The events after a position, as the numbers that the caller counts them by.
std::vector<int> events_after(const HttpTestWorld& world, const std::string& position, const std::string& token) {
  std::vector<int> numbers;
  std::istringstream lines(world.get("/v1/events?after=" + position, token).body);
  for (std::string line; std::getline(lines, line);) numbers.push_back(json::parse(line).at("sequence").get<int>());
  return numbers;
}

TEST(HttpPositions, EveryAnswerNamesTheVersionOfTheRow) {
  HttpTestWorld world;
  const json requested = request_of(world, 1, "north");
  EXPECT_EQ(requested["run_version"], 1);
  const std::string run = "/v1/runs/" + requested["run_id"].get<std::string>();
  const json started = world.post(run + "/attempts", {{"worker", "w"}, {"starter", "s"}}).json();
  EXPECT_EQ(started["run_version"], 2);
  EXPECT_EQ(world.post(run + "/attempts", {{"worker", "w"}, {"starter", "t"}}).json()["run_version"], 3);
  const std::string attempt = run + "/attempts/1";
  const json alive = world.post(attempt + "/heartbeat", {{"token", started["token"]}}).json();
  EXPECT_EQ(alive["run_version"], 3);
  EXPECT_EQ(alive["position"], nullptr) << "a heartbeat has no event";
  const json finished = world.post(attempt + "/finish", {{"token", started["token"]}, {"outcome", "succeeded"}}).json();
  EXPECT_EQ(finished["run_version"], 4);
  EXPECT_EQ(world.get(run).json()["run"]["run_version"], 4);
  EXPECT_EQ(world.post("/v1/claims", {{"types", {"demo.sync"}}}).status, 204);
  request_of(world, 2, "north");
  EXPECT_EQ(world.post("/v1/claims", {{"types", {"demo.sync"}}}).json()["run_version"], 2);
}

TEST(HttpPositions, OfAnAnswerAreTakenByTheEventsOfTheSameScope) {
  HttpTestWorld world;
  for (const std::string token : {"north", "acme", "all"}) {
    for (int n = 0; n < 3; ++n) request_of(world, 100 + n, "south");
    const json first = request_of(world, 1 + static_cast<int>(token.size()) * 10, token);
    const json second = request_of(world, 2 + static_cast<int>(token.size()) * 10, token);
    const int last = second["sequence"].get<int>();
    EXPECT_EQ(events_after(world, position_of(first), token), std::vector<int>{last}) << token;
    EXPECT_EQ(events_after(world, position_of(second), token), std::vector<int>());
    HttpAsk ask{.target = "/v1/events?follow=1", .token = token};
    ask.headers["Last-Event-ID"] = position_of(first);
    HttpClient follower(world.port());
    follower.send(http_text(ask));
    EXPECT_TRUE(follower.read_until("\ndata: ").ends_with("id: " + std::to_string(last) + "\ndata: ")) << token;
  }
}

TEST(HttpPositions, OfAnotherScopeAreRefused) {
  HttpTestWorld world;
  const std::string own = position_of(request_of(world, 1, "north"));
  EXPECT_EQ(position_of(request_of(world, 2, "all")), "2");
  std::string changed = own;
  changed.back() = changed.back() == '0' ? '1' : '0';
  for (const std::string token : {"south", "acme", "all", "globex"})
    EXPECT_EQ(world.get("/v1/events?after=" + own, token).problem(), "400 position.invalid") << token;
  for (const std::string& bad : {changed, own.substr(1), own + "00", std::string(48, '0'), std::string(48, 'x')}) {
    EXPECT_EQ(world.get("/v1/events?after=" + bad).problem(), "400 position.invalid") << bad;
    EXPECT_EQ(world.get("/v1/mirror?position=" + bad).problem(), "400 position.invalid") << bad;
  }
  EXPECT_EQ(world.get("/v1/events?after=1x").problem(), "400 after.invalid");
}

TEST(HttpPositions, AreAwaitedInTheMirror) {
  HttpTestWorld world;
  for (int n = 0; n < 3; ++n) request_of(world, n, "south");
  const json own = request_of(world, 1, "north");  // The fourth event of the log, and the first of its tenant.
  const std::string target = "/v1/mirror?position=" + position_of(own);
  HttpReply behind = world.get(target);
  EXPECT_EQ(behind.problem(), "503 mirror.behind");
  EXPECT_EQ(behind.headers.at("retry-after"), "1");
  world.mirror().advanced(Sequence{3});
  for (const std::string& other : {target, std::string("/v1/mirror?position=1"), std::string("/v1/mirror")})
    EXPECT_EQ(world.get(other).problem(), "503 mirror.behind") << other;
  HttpClient waiting(world.port());
  waiting.send(http_text({.target = target + "&wait_seconds=60", .token = "north"}));
  world.mirror().advanced(Sequence{4});
  EXPECT_EQ(waiting.read().json(), (json{{"status", "reached"}}));
  for (const std::string& reached : {target, std::string("/v1/mirror?position=1"), std::string("/v1/mirror")})
    EXPECT_EQ(world.get(reached).status, 200) << reached;
  EXPECT_EQ(world.get("/v1/mirror?position=0", "south").status, 200);
  EXPECT_EQ(world.get("/v1/mirror?position=4", "all").status, 200);
  EXPECT_EQ(world.get("/v1/mirror?position=2").problem(), "409 position.ahead");
  EXPECT_EQ(world.get("/v1/mirror?position=-1").problem(), "400 position.invalid");
  EXPECT_EQ(world.get("/v1/mirror?wait_seconds=61").problem(), "400 wait_seconds.invalid");
  world.mirror().stopped();
  request_of(world, 9, "north");
  EXPECT_EQ(world.get("/v1/mirror?wait_seconds=60").problem(), "500 mirror.stopped");
}

TEST(HttpPositions, AWaitForTheMirrorEndsWithItsToken) {
  HttpTestWorld world;
  request_of(world, 1, "north");
  HttpClient waiting(world.port());
  waiting.send(http_text({.target = "/v1/mirror?wait_seconds=60", .token = "north"}));
  world.revoke_all();
  EXPECT_EQ(waiting.read().problem(), "401 access.unauthenticated");
}

TEST(HttpPositions, AWaitForTheMirrorEndsWithItsCaller) {
  HttpTestWorld world;
  request_of(world, 1, "north");
  HttpClient left(world.port());
  left.send(http_text({.target = "/v1/mirror?wait_seconds=60", .token = "north"}));
  left.end_sending();
  EXPECT_EQ(left.read().problem(), "503 mirror.behind");
}

}  // namespace
}  // namespace runledger
