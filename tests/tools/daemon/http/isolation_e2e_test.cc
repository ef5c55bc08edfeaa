// A tenant sees the same over HTTP, whether or not its neighbour exists.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;

constexpr char kNobodys[] = "00000000-0000-4000-8000-000000000000";

std::string with_id(std::string_view path, const std::string& id) {
  std::string target(path);
  if (const std::size_t at = target.find("{id}"); at != std::string::npos) target.replace(at, 4, id);
  if (const std::size_t at = target.find("{n}"); at != std::string::npos) target.replace(at, 3, "1");
  return target;
}

// Returns a body that the route accepts.
std::string body_for(std::string_view path) {
  if (path.ends_with("/finish")) return R"({"token":2,"outcome":"succeeded"})";
  if (path.ends_with("/heartbeat")) return R"({"token":2})";
  if (path.ends_with("/fail")) return R"({"reason_code":"dispatch.failed"})";
  const bool reads =
      path.ends_with("/events") || path.ends_with("/evidence") || path.ends_with("/why") || path.ends_with("{id}");
  return reads ? "" : "{}";
}

// Returns everything by which a caller could distinguish two answers.
std::string shape(HttpReply reply, const std::string& id) {
  reply.headers.erase("date");
  std::string text = fmt::format("{}\n", reply.status);
  for (const auto& [name, value] : reply.headers) text += fmt::format("{}: {}\n", name, value);
  text += reply.body;
  for (std::size_t at = text.find(id); at != std::string::npos; at = text.find(id)) text.replace(at, id.size(), "ID");
  return text;
}

TEST(HttpIsolation, AnotherTenantsRunIsAnsweredAsNoneByEveryRoute) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}}, "north");
  world.post("/v1/runs/" + run + "/attempts", {{"worker", "w"}}, "north");
  int routes = 0;
  for (const HttpRoute& route : http_routes()) {
    if (route.path.find("{id}") == std::string_view::npos) continue;
    ++routes;
    for (const std::string query : {"", "?as_of=1", "?as_of=2100-01-01T00:00:00Z"}) {
      if (!query.empty() && route.queries.empty()) continue;
      const auto ask = [&](const std::string& id, const std::string& token) {
        return shape(world.ask({.method = std::string(route.method),
                                .target = with_id(route.path, id) + query,
                                .token = token,
                                .body = body_for(route.path)}),
                     id);
      };
      const std::string missing = ask(kNobodys, "south");
      EXPECT_TRUE(missing.starts_with("404") && missing.find("run.not_found") != std::string::npos) << missing;
      EXPECT_EQ(ask(run, "south"), missing) << route.path;
    }
  }
  EXPECT_EQ(routes, 9);
  EXPECT_EQ(world.get("/v1/runs/" + run, "north").json()["run"]["status"], "running");
}

// Requests a run with everything that lists filter by, and works on it.
std::string work_with_everything(const HttpTestWorld& world, int n, const std::string& token,
                                 const std::string& tenant = "") {
  json asked = {{"type", "demo.sync"}, {"input", {{"n", n}}}, {"initiator", "ann"}, {"labels", {{"region", "eu"}}}};
  if (!tenant.empty()) asked["tenant"] = tenant;
  const std::string run = world.post("/v1/runs", asked, token).json().value("run_id", "");
  world.post("/v1/runs", asked, token);
  const json started = world.post("/v1/runs/" + run + "/attempts", {{"worker", "w"}}, token).json();
  world.post("/v1/runs/" + run + "/attempts/1/finish",
             {{"token", started["token"]},
              {"outcome", "failed"},
              {"retryable", n % 2 == 0},
              {"failures", {{{"reason_code", "disk.full"}}}}},
             token);
  return run;
}

// Returns all that a reader of a scope can ask for.
std::string all_reads(const HttpTestWorld& world, const std::string& own, const std::string& token) {
  const std::string identity = world.get("/v1/runs/" + own, token).json()["run"].value("run_identity_hash", "");
  std::string all;
  for (const std::string& query :
       {std::string(), std::string("limit=1"), std::string("initiator=ann"), std::string("label=region%3Deu&limit=1"),
        std::string("reason_code=disk.full"), std::string("worker=w"), std::string("deduped=1"),
        std::string("type=demo.sync&type=demo.other"), std::string("type=demo.sync&initiator=ann&worker=w"),
        std::string("status=queued&status=running&view=summary"), "identity=" + identity, "parent=" + own,
        "id_prefix=" + own.substr(0, 4), "id_prefix=" + own, std::string("attempts_min=1"),
        std::string("attempts_min=2"), std::string("completed_since=1970-01-01T00:00:00Z"),
        std::string("active_between=1970-01-01T00:00:00Z/2100-01-01T00:00:00Z")})
    all += shape(world.get("/v1/runs?" + query, token), own);
  for (const std::string& target : {std::string("/v1/runs"),
                                    std::string("/v1/stats"),
                                    std::string("/v1/events"),
                                    std::string("/v1/types"),
                                    std::string("/v1/duplicates"),
                                    std::string("/v1/duplicates?group=identity"),
                                    std::string("/v1/duplicates?limit=1&type=demo.sync"),
                                    "/v1/runs/" + own + "/why",
                                    std::string("/v1/stats?since=1970-01-01T00:00:00Z"),
                                    std::string("/v1/stats/series"),
                                    std::string("/v1/stats/series?by=tenant"),
                                    std::string("/v1/stats/series?by=outcome&type=demo.sync"),
                                    std::string("/v1/failures"),
                                    std::string("/v1/workers"),
                                    std::string("/v1/workers?worker=w"),
                                    std::string("/v1/attempts"),
                                    std::string("/v1/attempts?limit=1"),
                                    std::string("/v1/changes"),
                                    std::string("/v1/overdue"),
                                    std::string("/v1/overdue?type=demo.sync"),
                                    std::string("/v1/runs?as_of=3"),
                                    std::string("/v1/runs?as_of=3&status=running&limit=1"),
                                    std::string("/v1/changes?after=2&limit=1")})
    all += shape(world.get(target, token), own);
  all += shape(world.get("/v1/runs/" + own, token), own);
  return all + shape(world.get("/v1/runs/" + own + "?as_of=1", token), own);
}

// A success of demo.sync is expected every second from now on, and a minute passes.
void become_overdue(HttpTestWorld& world) {
  Catalog catalog = *world.ledger().catalog();
  catalog.overlay(*Catalog::parse(R"({"types":[{"type":"demo.sync","expect_every_seconds":1}]})", Policy{}));
  world.ledger().replace_catalog(std::move(catalog));
  world.clock().advance(std::chrono::seconds(60));
}

TEST(HttpIsolation, ReadsOfATenantDoNotChangeWithANeighboursWork) {
  HttpTestWorld world;
  const std::string own = work_with_everything(world, 1, "south");
  become_overdue(world);
  const std::string alone = all_reads(world, own, "south");
  for (int n = 0; n < 5; ++n) work_with_everything(world, n, "north");
  EXPECT_EQ(all_reads(world, own, "south"), alone);
  world.clock().advance(std::chrono::seconds(60));
  const json overdue = world.get("/v1/overdue", "south").json();
  EXPECT_EQ(overdue["expected_count"], 1);
  EXPECT_EQ(overdue["overdue"][0]["tenant_id"], "south");
  EXPECT_EQ(world.get("/v1/overdue", "all").json()["overdue_count"], 2);
}

// A position is that of the caller's own events, whatever others did before.
TEST(HttpIsolation, AListAsOfAPositionIsThatOfTheCallersOwnEvents) {
  const HttpTestWorld world;
  for (int n = 0; n < 3; ++n) world.request({{"n", n}}, "north");
  const std::string first = world.request({{"n", 1}}, "south");
  for (int n = 3; n < 6; ++n) world.request({{"n", n}}, "north");
  world.request({{"n", 2}}, "south");
  world.post("/v1/runs/" + first + "/cancel", {}, "south");
  const json then = world.get("/v1/runs?as_of=1", "south").json();
  ASSERT_EQ(then["runs"].size(), 1U);
  EXPECT_EQ(then["runs"][0]["run_id"], first);
  EXPECT_EQ(then["runs"][0]["status"], "queued");
  EXPECT_EQ(then["runs"][0]["last_sequence"], 1);
  EXPECT_EQ(world.get("/v1/runs?as_of=2&status=queued", "south").json()["runs"].size(), 2U);
  EXPECT_EQ(world.get("/v1/runs?as_of=3&status=queued", "south").json()["runs"].size(), 1U);
  EXPECT_EQ(world.get("/v1/runs?as_of=99&status=queued", "south").json()["runs"].size(), 1U);
  const auto events = [&](const std::string& query) {
    const std::string lines = world.get("/v1/events?" + query, "south").body;
    return std::count(lines.begin(), lines.end(), '\n');
  };
  EXPECT_EQ(events("as_of=2"), 2);
  EXPECT_EQ(events("as_of=2&after=1"), 1);
  EXPECT_EQ(events("as_of=99"), 3);
  EXPECT_EQ(events("as_of=1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(events("as_of=2100-01-01T00:00:00Z"), 3);
  EXPECT_EQ(world.get("/v1/events?as_of=2&follow=1", "south").problem(), "400 query.invalid");
}

TEST(HttpIsolation, ReadsOfAWorkspaceDoNotChangeWithANeighboursWork) {
  HttpTestWorld world;
  const std::string own = work_with_everything(world, 1, "acme", "east");
  become_overdue(world);
  const std::string alone = all_reads(world, own, "acme");
  for (int n = 0; n < 5; ++n) work_with_everything(world, n, "globex", "east");
  EXPECT_EQ(all_reads(world, own, "acme"), alone);
}

TEST(HttpIsolation, PositionsOfATenantAreThoseOfItsOwnScope) {
  const HttpTestWorld world;
  for (int n = 0; n < 3; ++n) world.request({{"n", n}}, "north");
  const HttpReply first = world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"n", 1}}}}, "south");
  EXPECT_EQ(first.json()["sequence"], 1);
  const std::string run = first.json().value("run_id", "");
  const json started = world.post("/v1/runs/" + run + "/attempts", {{"worker", "w"}}, "south").json();
  EXPECT_EQ(started["token"], 2);
  const HttpReply finished = world.post("/v1/runs/" + run + "/attempts/1/finish",
                                        {{"token", started["token"]}, {"outcome", "succeeded"}}, "south");
  EXPECT_EQ(finished.status, 200) << finished.body;
  EXPECT_EQ(world.get("/v1/events?after=2", "south").json()["sequence"], 3);
  EXPECT_EQ(world.get("/v1/stats", "all").json()["head"], 6);
}

TEST(HttpIsolation, AnotherTenantsCursorAndCommandIdAreOfNoUse) {
  const HttpTestWorld world;
  for (int n = 0; n < 2; ++n) world.request({{"n", n}}, "north");
  const std::string cursor = world.get("/v1/runs?limit=1", "north").json().value("next_cursor", "");
  EXPECT_EQ(shape(world.get("/v1/runs?limit=1&cursor=" + cursor, "south"), cursor),
            shape(world.get("/v1/runs?limit=1&cursor=beef", "south"), "beef"));
  const auto request = [&](const std::string& token, int n) {
    return world.ask({.method = "POST",
                      .target = "/v1/runs",
                      .token = token,
                      .body = json{{"type", "demo.sync"}, {"input", {{"n", n}}}}.dump(),
                      .headers = {{"Idempotency-Key", kNobodys}}});
  };
  EXPECT_EQ(request("north", 10).status, 201);
  const HttpReply own = request("south", 11);
  EXPECT_EQ(own.status, 201);
  EXPECT_EQ(own.json()["repeated"], false);
}

TEST(HttpIsolation, AskingForAnotherScopeIsAnsweredTheSameWhetherItExists) {
  const HttpTestWorld world;
  world.request({{"n", 1}}, "north");
  for (const std::string target :
       {"/v1/runs?tenant=", "/v1/stats?tenant=", "/v1/stats?since=1970-01-01T00:00:00Z&tenant=",
        "/v1/duplicates?tenant=", "/v1/stats/series?tenant=", "/v1/failures?tenant=", "/v1/workers?tenant=",
        "/v1/attempts?tenant=", "/v1/overdue?tenant=", "/v1/runs?as_of=1&tenant="}) {
    const std::string existing = shape(world.get(target + "north", "south"), "north");
    EXPECT_EQ(existing, shape(world.get(target + "nobody", "south"), "nobody"));
    EXPECT_TRUE(existing.starts_with("404")) << existing;
  }
  const json request = {{"type", "demo.sync"}, {"tenant", "north"}};
  EXPECT_EQ(world.post("/v1/runs", request, "south").problem(), "404 scope.not_found");
}

}  // namespace
}  // namespace runledger
