// Waiting claims over HTTP: of callers that leave, and on a server that stops.
#include <gtest/gtest.h>

#include <thread>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kSoon = 30s;  // Less than a claim waits, and the longest wait for something that is certain to happen.

std::string claim_text() {
  const json body{{"types", {"demo.sync"}}, {"wait_seconds", 60}};
  return http_text({.method = "POST", .target = "/v1/claims", .token = HttpTestWorld::kNorth, .body = body.dump()});
}

testing::AssertionResult wait_for_claims(HttpTestWorld& world, std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + kSoon;
  while (world.claims().waiting() != count) {
    if (std::chrono::steady_clock::now() >= deadline)
      return testing::AssertionFailure() << world.claims().waiting() << " wait";
    std::this_thread::yield();
  }
  return testing::AssertionSuccess();
}

TEST(HttpWaiting, ACallerThatSendsNothingMoreIsGivenNoRun) {
  HttpTestWorld world;
  HttpClient caller(world.port());
  caller.send(claim_text());
  caller.end_sending();
  EXPECT_EQ(caller.read().status, 204);
  const std::string run = world.request({{"n", 1}});
  const json claim{{"types", {"demo.sync"}}, {"wait_seconds", 60}};
  EXPECT_EQ(world.post("/v1/claims", claim).json()["run_id"], run);
}

TEST(HttpWaiting, ACallerThatHangsUpIsForgotten) {
  HttpTestWorld world;
  {
    const HttpClient caller(world.port());
    caller.send(claim_text());
    ASSERT_TRUE(wait_for_claims(world, 1));
  }
  EXPECT_TRUE(wait_for_claims(world, 0));
}

TEST(HttpWaiting, ACallerIsSeenToHangUpBehindItsNextRequest) {
  HttpTestWorld world;
  {
    const HttpClient caller(world.port());
    caller.send(claim_text() + http_text({.target = "/healthz", .token = ""}));
    ASSERT_TRUE(wait_for_claims(world, 1));
  }
  EXPECT_TRUE(wait_for_claims(world, 0));
}

TEST(HttpWaiting, ACallerWhoseTokenIsRevokedIsTurnedAwayAndGetsNoRun) {
  HttpTestWorld world;
  HttpClient caller(world.port());
  caller.send(claim_text());
  ASSERT_TRUE(wait_for_claims(world, 1));
  world.revoke_all();
  const auto revoked_at = std::chrono::steady_clock::now();
  EXPECT_EQ(caller.read().problem(), "401 access.unauthenticated");
  EXPECT_LT(std::chrono::steady_clock::now() - revoked_at, kSoon);
}

TEST(HttpWaiting, ARequestWhoseTokenIsRevokedBeforeItsBodyHasComeIsNotCarriedOut) {
  HttpTestWorld world;
  HttpClient caller(world.port());
  const std::string text = http_text({.method = "POST",
                                      .target = "/v1/runs",
                                      .token = HttpTestWorld::kNorth,
                                      .body = R"({"type":"demo.sync","input":{}})",
                                      .headers = {{"Expect", "100-continue"}}});
  const std::size_t body = text.find("\r\n\r\n") + 4;
  caller.send(text.substr(0, body));
  EXPECT_EQ(caller.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  world.revoke_all();
  caller.send(text.substr(body));
  EXPECT_EQ(caller.read().problem(), "401 access.unauthenticated");
  EXPECT_EQ(world.ledger().log().last(), Sequence{});
}

TEST(HttpWaiting, AServerThatStopsLetsThemGoAtOnce) {
  HttpTestWorld world;
  HttpClient caller(world.port());
  caller.send(claim_text());
  ASSERT_TRUE(wait_for_claims(world, 1));
  const auto begun = std::chrono::steady_clock::now();
  world.server().stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kSoon);
  const HttpReply reply = caller.read();
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.headers.at("connection"), "close");
}

}  // namespace
}  // namespace runledger
