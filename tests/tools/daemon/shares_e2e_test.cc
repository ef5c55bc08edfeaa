// A caller that takes every place of a daemon, and others that want one: the daemon closes the newest stream or waiting
// call of the greedy one, so that the others and the monitors are served at once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/tools/daemon/rpc/rpc_peer.h"

namespace runledger {
namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kPlaces = 16;
constexpr auto kAtOnce = std::chrono::seconds(1);

class CrowdedDaemon : public testing::Test {
 protected:
  CliLedger ledger;
  std::string greedy = issue("north");
  std::string quiet = issue("south");
  std::string monitor = ledger.json({"token", "issue", "--every-workspace", "--right", "operate"}).at("token");
  Program daemon{ledger.command({"serve", "--format", "json", "--http", "127.0.0.1:0", "--listen", "127.0.0.1:0",
                                 "--connections", std::to_string(kPlaces)})};
  std::uint16_t http = 0;
  std::uint16_t rpc = 0;

  void SetUp() override {
    ASSERT_TRUE(daemon.wait_for_output("\n"));
    const json begun = json::parse(daemon.output());
    http = port_of(begun.at("http"));
    for (const json& place : begun.at("rpc"))
      if (!place.get<std::string>().starts_with("unix:")) rpc = port_of(place);
    ASSERT_NE(rpc, 0);
  }

  [[nodiscard]] std::string issue(const std::string& tenant) const {
    return ledger
        .json({"token", "issue", "--workspace", "acme", "--tenant", tenant, "--right", "request", "--right", "work",
               "--right", "audit"})
        .at("token");
  }
  static std::uint16_t port_of(const std::string& address) {
    return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  }
  static std::string follow(const std::string& token) {
    return http_text({.target = "/v1/events?follow=1", .token = token});
  }
  static std::string claim(const std::string& token) {
    const json body{{"types", {"demo.sync"}}, {"wait_seconds", 60}};
    return http_text({.method = "POST", .target = "/v1/claims", .token = token, .body = body.dump()});
  }
  // A request whose last byte never comes.
  static std::string trickle(const std::string& token) {
    const json body{{"type", "demo.sync"}, {"input", {{"text", std::string(1000, 'a')}}}};
    std::string text = http_text({.method = "POST", .target = "/v1/runs", .token = token, .body = body.dump()});
    text.pop_back();
    return text;
  }

  using HttpClients = std::vector<std::unique_ptr<HttpClient>>;
  [[nodiscard]] HttpClients send_to_all(const std::string& request) const {
    HttpClients all;
    for (std::size_t i = 0; i < kPlaces; ++i) {
      all.push_back(std::make_unique<HttpClient>(http));
      all.back()->send(request);
    }
    return all;
  }
  // The others are served although the greedy one holds every place, and so are monitors. Returns what the connection
  // that made room was told.
  HttpReply expect_room(HttpClients& taken) {
    const auto begun = SteadyClock::now();
    HttpClient other(http);
    other.send(http_text({.target = "/v1/types", .token = quiet}));
    EXPECT_EQ(other.read().status, 200);
    for (const char* const probe : {"/healthz", "/readyz", "/metrics"}) {
      HttpClient asking(http);
      asking.send(http_text({.target = probe, .token = monitor}));
      EXPECT_EQ(asking.read().status, 200) << probe;
    }
    EXPECT_LT(SteadyClock::now() - begun, kAtOnce);
    HttpReply told = taken.back()->read();
    EXPECT_EQ(told.problem(), "503 overloaded");
    EXPECT_EQ(told.headers["retry-after"], "1");
    EXPECT_TRUE(taken.back()->is_closed());
    EXPECT_TRUE(daemon.wait_for_error("made-room"));
    return told;
  }
};

TEST_F(CrowdedDaemon, TheNewestStreamOfTheGreedyOneMakesRoom) {
  HttpClients streams = send_to_all(follow(greedy));
  for (const auto& stream : streams) EXPECT_EQ(stream->read_header().status, 200);
  HttpClient other(http);
  other.send(follow(quiet));
  EXPECT_EQ(other.read_header().status, 200);
  const std::string end = streams.back()->read_until("\n\n");
  EXPECT_EQ(end.substr(0, end.find('\n')), "event: end");
  EXPECT_NE(end.find("overloaded"), std::string::npos);
  EXPECT_TRUE(streams.back()->is_closed());
  EXPECT_TRUE(daemon.wait_for_error("made-room"));
}

TEST_F(CrowdedDaemon, TheNewestClaimOfTheGreedyOneMakesRoom) {
  HttpClients claims;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    claims.push_back(std::make_unique<HttpClient>(http));
    claims.back()->send(claim(greedy));
  }
  expect_room(claims);
}

TEST_F(CrowdedDaemon, ABodyOfTheGreedyOneThatTricklesMakesRoom) {
  HttpClients bodies = send_to_all(trickle(greedy));
  expect_room(bodies);
}

// Each newcomer takes a place of the greedy one until that one holds no more than its share, and keeps its own.
TEST_F(CrowdedDaemon, TheOthersKeepTheirPlacesAgainstTheGreedyOne) {
  HttpClients streams = send_to_all(follow(greedy));
  HttpClients others;
  for (std::size_t i = 0; i < kPlaces / 4; ++i) {
    others.push_back(std::make_unique<HttpClient>(http));
    others.back()->send(follow(quiet));
    EXPECT_EQ(others.back()->read_header().status, 200);
  }
  const HttpClients more = send_to_all(follow(greedy));
  HttpClient last(http);
  last.send(http_text({.method = "POST",
                       .target = "/v1/runs",
                       .token = quiet,
                       .body = json{{"type", "demo.sync"}, {"input", {{"n", 1}}}}.dump()}));
  EXPECT_EQ(last.read().status, 201);
  for (const auto& other : others) EXPECT_NE(other->read_until("data:").find("data:"), std::string::npos);
}

TEST_F(CrowdedDaemon, OverRpcTheNewestWaitingCallOfTheGreedyOneMakesRoom) {
  const std::string opening =
      rpc_opening(greedy) +
      rpc_call({.question = 3, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 2}) +
      rpc_call({.question = 4, .on = 3, .interface = capnp::typeId<rpc::Auditor>(), .method = 0},
               [](auto params) {
                 auto ask = params.template initAs<rpc::Auditor::EventsParams>();
                 ask.setLimit(1);
                 ask.setWaitMs(60'000);
               }) +
      rpc_call({.question = 5, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 3});
  std::vector<std::unique_ptr<RpcPeer>> waiting;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    waiting.push_back(std::make_unique<RpcPeer>(rpc));
    waiting.back()->send(opening);
    EXPECT_EQ(waiting.back()->answer_to(5), "results");
  }
  const auto begun = SteadyClock::now();
  RpcPeer other(rpc);
  other.send(rpc_opening(quiet));
  EXPECT_EQ(other.answer_to(2), "results");
  EXPECT_LT(SteadyClock::now() - begun, kAtOnce);
  EXPECT_TRUE(waiting.back()->is_closed());
  EXPECT_TRUE(daemon.wait_for_error("made-room"));
}

}  // namespace
}  // namespace runledger
