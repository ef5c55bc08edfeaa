// Following the events as server-sent events.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/fixtures/data/examples.h"
#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;

// A caller that follows the events from its construction on.
class Follower {
 public:
  Follower(const HttpTestWorld& world, const HttpAsk& ask) : client_(world.port()) {
    client_.send(http_text(ask));
    header_ = client_.read_header();
  }
  [[nodiscard]] const HttpReply& header() const { return header_; }
  HttpClient& client() { return client_; }

  // Returns the next event, and skips comments. Null at the end, also at the event that says why the stream ends.
  json next() {
    for (;;) {
      const std::string block = client_.read_until("\n\n");
      if (block == ":\n\n") continue;
      if (block.starts_with("event: end\ndata: ")) {
        why_ = json::parse(block.substr(17));
        return nullptr;
      }
      if (!block.ends_with("\n\n")) return nullptr;
      const std::size_t data = block.find("\ndata: ");
      EXPECT_TRUE(block.starts_with("id: ") && data != std::string::npos) << block;
      json event = json::parse(block.substr(data + 7));
      EXPECT_EQ(block.substr(4, data - 4), std::to_string(event.value("sequence", 0)));
      return event;
    }
  }
  // The problem document of the last event, or null when there was none.
  [[nodiscard]] const json& why() const { return why_; }

 private:
  HttpClient client_;
  HttpReply header_;
  json why_;
};

HttpAsk follow(const std::string& token, const std::string& query = "") {
  return {.target = "/v1/events?follow=1" + query, .token = token};
}

TEST(HttpStream, ShowsWhatIsThereAndThenWhatComes) {
  const HttpTestWorld world;
  world.request({{"n", 1}});
  Follower follower(world, follow("north"));
  EXPECT_EQ(follower.header().status, 200);
  EXPECT_EQ(follower.header().headers.at("content-type"), "text/event-stream");
  EXPECT_EQ(follower.next()["sequence"], 1);
  for (int n = 2; n < 50; ++n) {
    world.request({{"n", n}});
    EXPECT_EQ(follower.next()["sequence"], n);
  }
}

// Reads the runs of a stream of changes until one is in this status, and returns it.
json changed_until(HttpClient& client, const std::string& status) {
  for (;;) {
    const std::string block = client.read_until("\n\n");
    if (block == ":\n\n") continue;
    const std::size_t data = block.find("data: ");
    if (data == std::string::npos) return nullptr;
    json run = json::parse(block.substr(data + 6));
    if (run.value("status", "") == status) return run;
  }
}

TEST(HttpStream, OfChangesTellsOfRunsToCallersWithoutTheRightToAudit) {
  const HttpTestWorld world;
  world.request({{"n", 0}});
  HttpClient client(world.port());
  client.send(http_text({.target = "/v1/changes?follow=1", .token = HttpTestWorld::kLooker}));
  EXPECT_EQ(client.read_header().status, 200);
  world.request({{"n", 1}}, "south");
  const std::string run = world.request({{"n", 2}});
  const json queued = changed_until(client, "queued");
  EXPECT_EQ(queued["id"], run) << "neither what was there before, nor a neighbour's";
  EXPECT_FALSE(queued.contains("context"));
  world.post("/v1/runs/" + run + "/cancel", nullptr);
  EXPECT_EQ(changed_until(client, "completed")["outcome"], "cancelled");
}

TEST(HttpStream, OfChangesGoesOnAfterAPositionAndTellsEachRunOnce) {
  const HttpTestWorld world;
  const json asked = {{"type", "demo.sync"}, {"input", {{"n", 1}}}};
  for (int i = 0; i < 4; ++i) world.post("/v1/runs", asked);  // One run, and three times a deduped request.
  HttpClient client(world.port());
  client.send(http_text({.target = "/v1/changes?follow=1&after=0", .token = HttpTestWorld::kLooker}));
  EXPECT_EQ(client.read_header().status, 200);
  const std::string block = client.read_until("\n\n");
  EXPECT_TRUE(block.starts_with("id: 4\ndata: ")) << block;
  EXPECT_EQ(json::parse(block.substr(block.find("data: ") + 6))["deduped_count"], 3);
  const json page = world.get("/v1/changes?limit=2", HttpTestWorld::kLooker).json();
  EXPECT_EQ(page["runs"].size(), 1U);
  EXPECT_EQ(page["next_after"], 2);
  EXPECT_EQ(world.get("/v1/changes?after=4").json()["next_after"], 4);
  EXPECT_EQ(world.get("/v1/changes?after=4").json()["runs"], json::array());
  EXPECT_EQ(world.get("/v1/changes?after=5").problem(), "409 position.ahead");
  EXPECT_EQ(world.get("/v1/changes?follow=1&after=5").problem(), "409 position.ahead");
  EXPECT_EQ(world.get("/v1/changes?follow=1&limit=5").problem(), "400 query.invalid");
}

TEST(HttpStream, GoesOnAfterTheLastEventThatTheCallerHad) {
  const HttpTestWorld world;
  for (int n = 0; n < 5; ++n) world.request({{"n", n}});
  HttpAsk ask = follow("north", "&after=1");
  EXPECT_EQ(Follower(world, ask).next()["sequence"], 2);
  ask.headers["Last-Event-ID"] = "3";
  Follower resumed(world, ask);
  EXPECT_EQ(resumed.next()["sequence"], 4);
  EXPECT_EQ(resumed.next()["sequence"], 5);
  ask.headers["Last-Event-ID"] = "x";
  EXPECT_EQ(world.ask(ask).problem(), "400 last_event_id.invalid");
}

TEST(HttpStream, DoesNotBeginAfterTheEndOfTheLog) {
  const HttpTestWorld world;
  for (int n = 0; n < 3; ++n) world.request({{"n", n}});
  for (int n = 0; n < 5; ++n) world.request({{"n", n}}, "south");
  HttpAsk ask = follow("north");
  ask.headers["Last-Event-ID"] = "20";
  const HttpReply refused = world.ask(ask);
  EXPECT_EQ(refused.problem(), "409 position.ahead");
  EXPECT_EQ(refused.json()["detail"], "expected a position up to the end of the log, which is 3, found 20");
  for (const std::string page : {"/v1/events?after=4", "/v1/events?follow=1&after=4"})
    EXPECT_EQ(world.get(page).problem(), "409 position.ahead") << page;
  EXPECT_EQ(world.get("/v1/events?after=3").status, 200);
  Follower waiting(world, follow("north", "&after=3"));
  world.request({{"n", 3}});
  EXPECT_EQ(waiting.next()["sequence"], 4);
}

TEST(HttpStream, HoldsOnlyEventsOfTheCallersScope) {
  const HttpTestWorld world;
  Follower all(world, follow("all"));
  Follower south(world, follow("south"));
  for (int n = 0; n < 3; ++n) world.request({{"n", n}}, "north");
  world.request({{"n", 1}}, "south");
  const json own = south.next();
  EXPECT_EQ(own["sequence"], 1);
  EXPECT_EQ(own["tenant_id"], "south");
  for (int n = 1; n < 5; ++n) EXPECT_EQ(all.next()["sequence"], n);
}

// Whatever another workspace does, a workspace counts the events of its tenants 1, 2, 3…, and goes on from any of them.
TEST(HttpStream, OfAWorkspaceCountsItsOwnEvents) {
  const HttpTestWorld world;
  Follower acme(world, follow("acme"));
  auto globex_works = [&, n = 0]() mutable {
    for (int i = 0; i < 3; ++i) world.request({{"n", ++n}}, "globex");
  };
  std::map<int, std::string> tenants;
  for (int n = 1; n <= 8; ++n) {
    globex_works();
    tenants[n] = n % 2 == 0 ? "north" : "south";
    world.request({{"n", n}}, tenants[n]);
    const json event = acme.next();
    EXPECT_EQ(event["sequence"], n);
    EXPECT_EQ(event["tenant_id"], tenants[n]);
  }
  globex_works();
  for (int after = 0; after < 8; ++after) {
    HttpAsk ask = follow("acme");
    ask.headers["Last-Event-ID"] = std::to_string(after);
    Follower resumed(world, ask);
    for (int n = after + 1; n <= 8; ++n) EXPECT_EQ(resumed.next()["sequence"], n) << after;
    EXPECT_EQ(world.get(fmt::format("/v1/events?after={}&limit=1", after), "acme").headers.at("runledger-next-after"),
              std::to_string(after + 1));
  }
  const HttpReply refused = world.get("/v1/events?after=9", "acme");
  EXPECT_EQ(refused.problem(), "409 position.ahead");
  EXPECT_EQ(refused.json()["detail"], "expected a position up to the end of the log, which is 8, found 9");
  EXPECT_EQ(world.get("/v1/events?after=8", "acme").body, "");

  Follower north(world, follow("north"));
  Follower all(world, follow("all"));
  for (int n = 1; n <= 4; ++n) EXPECT_EQ(north.next()["sequence"], n);
  for (int n = 1; n <= 35; ++n) EXPECT_EQ(all.next()["sequence"], n) << "one bound to nothing sees those of the log";
}

TEST(HttpStream, SaysThatItIsThereWhileNothingHappens) {
  const HttpTestWorld world({.follow_heartbeat = std::chrono::milliseconds(20)});
  Follower follower(world, follow("north"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(follower.client().read_until("\n\n"), ":\n\n");
  world.request({{"n", 1}});
  EXPECT_EQ(follower.next()["sequence"], 1);
}

TEST(HttpStream, EndsSoonAfterItsTokenAndSaysSo) {
  HttpTestWorld world;
  Follower follower(world, follow("north"));
  world.revoke_all();
  const auto revoked_at = std::chrono::steady_clock::now();
  EXPECT_EQ(follower.next(), nullptr);
  EXPECT_LT(std::chrono::steady_clock::now() - revoked_at, std::chrono::seconds(10)) << "before the next heartbeat";
  EXPECT_EQ(follower.why().value("code", ""), "access.unauthenticated");
  EXPECT_EQ(follower.why().value("status", 0), 401);
  EXPECT_TRUE(follower.client().is_closed());
}

TEST(HttpStream, HoldsNoEventThatCameAfterTheEndOfItsToken) {
  HttpTestWorld world;
  Follower follower(world, follow("north"));
  world.revoke_all();
  RunRequest request;
  request.workspace = examples::workspace("acme");
  request.tenant = examples::tenant("north");
  request.type = examples::type("demo.sync");
  (void)world.ledger().submit(request, {}).get();
  EXPECT_EQ(follower.next(), nullptr);
  EXPECT_EQ(follower.why().value("code", ""), "access.unauthenticated");
}

TEST(HttpStream, EndsWhenTheServerStops) {
  HttpTestWorld world;
  Follower follower(world, follow("north"));
  world.server().stop();
  EXPECT_EQ(follower.next(), nullptr);
}

TEST(HttpStream, MakesUpForWhatCameWhileNobodyRead) {
  const HttpTestWorld world;
  Follower follower(world, follow("north"));
  const std::string text(20'000, 'x');
  for (int n = 1; n <= 300; ++n) world.request({{"n", n}, {"text", text}});
  for (int n = 1; n <= 300; ++n) ASSERT_EQ(follower.next()["sequence"], n);
}

TEST(HttpStream, CannotBeLimited) {
  const HttpTestWorld world;
  EXPECT_EQ(world.get("/v1/events?follow=1&limit=5").problem(), "400 query.invalid");
  EXPECT_EQ(world.get("/v1/events?follow=2").problem(), "400 follow.invalid");
}

}  // namespace
}  // namespace runledger
