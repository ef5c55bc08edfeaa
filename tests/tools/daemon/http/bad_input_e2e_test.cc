// Wrong input over HTTP: each kind has its code, and the server keeps serving.
//
// The suite HttpBadInput sends bytes as they are written in the test, and compares the status and code of the answer.
// After each test it checks that the next caller is served and that nothing was recorded. The suite HttpConnections is
// about connections that are slow, idle, too many or pipelined; each test makes a server with small limits and short
// deadlines.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "ledger/base/failure.h"
#include "tests/fixtures/world/answers.h"
#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using namespace std::string_literals;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::string_view kHost = "Host: localhost\r\n";

// Returns a POST /v1/runs of tenant north with `lines` in its header, followed by `after`.
std::string post_text(std::string_view lines, std::string_view after) {
  return fmt::format(
      "POST /v1/runs HTTP/1.1\r\n{}Authorization: Bearer north\r\nContent-Type: application/json\r\n{}\r\n{}", kHost,
      lines, after);
}

// Sends bytes on a new connection and returns the answer. Checks that the server closes the connection.
std::string answer_and_close(const HttpTestWorld& world, std::string_view bytes) {
  HttpClient client(world.port());
  client.send(bytes);
  const HttpReply reply = client.read();
  EXPECT_EQ(reply.headers.count("connection"), 1U) << bytes.substr(0, 200);
  EXPECT_TRUE(client.is_closed()) << bytes.substr(0, 200);
  return reply.problem();
}

class HttpBadInput : public testing::Test {
 protected:
  // After any bad input the next caller is served, and the log is empty.
  void TearDown() override {
    EXPECT_EQ(world_.get("/v1/stats").json()["events"]["total"], 0);
    EXPECT_EQ(world_.get("/v1/stats").status, 200);
  }
  HttpTestWorld world_;
};

TEST_F(HttpBadInput, BodiesOfAnUncertainLengthAreRefused) {
  const std::string body = R"({"type":"demo.sync"})";
  const std::string length = fmt::format("Content-Length: {}\r\n", body.size());
  const std::string chunks = fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", body.size(), body);
  EXPECT_EQ(answer_and_close(world_, post_text(length + "Transfer-Encoding: chunked\r\n", chunks)),
            "400 http.malformed");
  EXPECT_EQ(answer_and_close(world_, post_text(length + length, body)), "400 http.malformed");
  for (const std::string_view value : {"-1", "+20", "20,20", "2 0", "0x14"})
    EXPECT_EQ(answer_and_close(world_, post_text(fmt::format("Content-Length: {}\r\n", value), body)),
              "400 http.malformed")
        << value;
  EXPECT_EQ(answer_and_close(world_, post_text("Content-Length: 18446744073709551616\r\n", body)),
            "413 http.body_too_large");
  EXPECT_EQ(answer_and_close(world_, post_text("Transfer-Encoding: gzip\r\n", body)), "501 http.not_implemented");
}

TEST_F(HttpBadInput, ChunksThatAreNotPlainAreRefused) {
  const std::string_view coding = "Transfer-Encoding: chunked\r\n";
  for (const std::string_view chunks : {"fffffffffffffffff\r\n{}", "-2\r\n{}\r\n0\r\n\r\n", "zz\r\n{}\r\n0\r\n\r\n",
                                        "2;a=b\r\n{}\r\n0\r\n\r\n", "2\n{}\n0\n\n", "2\r\n{}x\r\n0\r\n\r\n"})
    EXPECT_EQ(answer_and_close(world_, post_text(coding, chunks)), "400 http.malformed") << chunks;
  const std::string problem = answer_and_close(world_, post_text(coding, "7fffffffffffffff\r\n{}"));
  EXPECT_TRUE(problem == "413 http.body_too_large" || problem == "400 http.malformed") << problem;
}

TEST_F(HttpBadInput, HeadersThatAreNotFramedStrictlyAreRefused) {
  const std::string_view start = "GET /v1/types HTTP/1.1\r\n";
  for (const std::string& lines : {"Host: localhost\r\nX: a\r\n b\r\n\r\n"s, "Host: localhost\r\nX: a\0b\r\n\r\n"s,
                                   "\r\n"s, "Host: localhost\r\nHost: localhost\r\n\r\n"s, "Host: localhost\n\n"s,
                                   "Host : localhost\r\n\r\n"s, "Host: localhost\r\nX: \x1b[2J\r\n\r\n"s})
    EXPECT_EQ(answer_and_close(world_, std::string(start) + lines), "400 http.malformed") << lines;
}

TEST_F(HttpBadInput, HeadersWithoutMeasureAreRefused) {
  EXPECT_EQ(answer_and_close(
                world_, fmt::format("GET /v1/types HTTP/1.1\r\n{}X: {}\r\n\r\n", kHost, std::string(129 * 1024, 'x'))),
            "431 http.header_too_large");
  std::string many = fmt::format("GET /v1/types HTTP/1.1\r\n{}", kHost);
  for (int i = 0; i < 10'000; ++i) many += "A: b\r\n";
  EXPECT_EQ(answer_and_close(world_, many + "\r\n"), "431 http.header_too_large");
  EXPECT_EQ(answer_and_close(world_, "GET /" + std::string(20'000, 'a')), "431 http.header_too_large");
}

TEST_F(HttpBadInput, MethodsThatAreNeverServedAreRefused) {
  EXPECT_EQ(answer_and_close(world_, fmt::format("CONNECT localhost:22 HTTP/1.1\r\n{}\r\n", kHost)),
            "501 http.not_implemented");
  EXPECT_EQ(answer_and_close(world_, fmt::format("TRACE / HTTP/1.1\r\n{}\r\n", kHost)), "501 http.not_implemented");
  EXPECT_EQ(answer_and_close(world_, fmt::format("GET http://localhost/v1/types HTTP/1.1\r\n{}\r\n", kHost)),
            "400 http.malformed");
  EXPECT_EQ(answer_and_close(world_, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505 http.version");
}

TEST_F(HttpBadInput, PathsThatCouldMeanAnotherPlaceAreRefused) {
  for (const std::string target :
       {"/v1/../v1/types", "/v1/%2e%2e/types", "/v1/types%00", "/v1%2ftypes", "/v1%2Ftypes", "/v1/%c0%ae%c0%ae/types",
        "/v1/types%c0%af", "/v1/types%", "/v1/types%zz", "/v1/runs?tenant=%ff"})
    EXPECT_EQ(world_.get(target).problem(), "400 http.malformed") << target;
}

TEST_F(HttpBadInput, ABodyShorterThanSaidIsRefusedAndOneThatIsLongerIsNoPartOfIt) {
  HttpClient shorter(world_.port());
  shorter.send(post_text("Content-Length: 100\r\n", R"({"type":"demo.sync"})"));
  shorter.end_sending();
  EXPECT_EQ(shorter.read().problem(), "400 http.malformed");
  EXPECT_TRUE(shorter.is_closed());
  HttpClient longer(world_.port());
  longer.send(post_text("Content-Length: 2\r\n", "{}{\"type\":\"demo.sync\"}\r\n\r\n"));
  EXPECT_EQ(longer.read().problem(), "400 body.malformed");
  EXPECT_EQ(longer.read().problem(), "400 http.malformed");
  EXPECT_TRUE(longer.is_closed());
}

TEST_F(HttpBadInput, BodiesAboveTheLimitAreRefusedBeforeTheyCome) {
  EXPECT_EQ(answer_and_close(world_, post_text("Content-Length: 1048577\r\n", "")), "413 http.body_too_large");
  std::string chunks;
  for (int i = 0; i < 20; ++i) chunks += fmt::format("10000\r\n{}\r\n", std::string(0x10000, ' '));
  HttpClient client(world_.port());
  client.send(post_text("Transfer-Encoding: chunked\r\n", chunks));
  EXPECT_EQ(client.read().problem(), "413 http.body_too_large");
}

TEST_F(HttpBadInput, JsonThatIsNotStrictIsRefused) {
  const std::pair<std::string, std::string_view> texts[] = {
      {"{", "400 json.malformed"},
      {"{} {}", "400 json.malformed"},
      {"\xef\xbb\xbf{}", "400 json.malformed"},
      {R"({"type":"demo.sync","type":"demo.sync"})", "400 json.duplicate_key"},
      {R"({"type":"demo.sync","input":{"n":1e400}})", "400 json.number_out_of_range"},
      {R"({"type":"demo.sync","input":{"n":1.123456789012345678}})", "400 json.number_out_of_range"},
      {R"({"type":"demo.sync","input":{"n":NaN}})", "400 json.malformed"},
      {"{\"type\":\"\xff\"}", "400 json.bad_character"},
      {R"({"type":"\u0000"})", "400 json.bad_character"},
      {"[" + std::string(100'000, '[') + "]", "400 json.too_deep"},
      {"[]", "400 body.malformed"},
      {"null", "400 body.malformed"},
      {"1", "400 body.malformed"}};
  for (const auto& [text, problem] : texts)
    EXPECT_EQ(world_.ask({.method = "POST", .target = "/v1/runs", .token = "north", .body = text}).problem(), problem)
        << text.substr(0, 80);
}

TEST_F(HttpBadInput, MembersThatAreUnknownOrOfAnotherTypeAreRefused) {
  const std::pair<json, std::string_view> bodies[] = {
      {{{"type", "demo.sync"}, {"typ", 1}}, "400 body.malformed"},
      {json::object(), "400 body.malformed"},
      {{{"type", 1}}, "400 body.malformed"},
      {{{"type", "demo.sync"}, {"force", "yes"}}, "400 body.malformed"},
      {{{"type", "Demo Sync"}}, "400 type.invalid"},
      {{{"type", "demo.sync"}, {"input", 1}}, "400 input.not_an_object"},
      {{{"type", "demo.sync"}, {"input", {{"password", "hunter2hunter2"}}}}, "400 input.secret"},
      {{{"type", "demo.sync"}, {"run_id", "x"}}, "400 run_id.invalid"},
      {{{"type", "demo.sync"}, {"workspace", "a b"}}, "400 workspace.invalid"},
      {{{"type", "demo.sync"}, {"input", {{"text", std::string(70'000, 'x')}}}}, "400 input.too_large"}};
  for (const auto& [body, problem] : bodies)
    EXPECT_EQ(world_.post("/v1/runs", body).problem(), problem) << body.dump().substr(0, 80);
  EXPECT_EQ(world_.post("/v1/runs", {{"type", "demo.sync"}}, "all").problem(), "400 workspace.required");
}

TEST_F(HttpBadInput, ReportsOfAnAttemptAreCheckedMemberByMember) {
  const json good = {{"token", 1}, {"outcome", "failed"}};
  const auto with = [&](const char* name, const json& value) {
    json body = good;
    body[name] = value;
    return world_.post("/v1/runs/00000000-0000-4000-8000-000000000000/attempts/1/finish", body).problem();
  };
  EXPECT_EQ(with("token", 0), "400 token.invalid");
  EXPECT_EQ(with("token", -1), "400 token.invalid");
  EXPECT_EQ(with("token", "1"), "400 token.invalid");
  EXPECT_EQ(with("token", nullptr), "400 body.malformed");
  EXPECT_EQ(with("outcome", "lost"), "400 outcome.invalid");
  EXPECT_EQ(with("retryable", 1), "400 body.malformed");
  EXPECT_EQ(with("retryable", false), "404 run.not_found");
  for (const std::string number : {"0", "-1", "01x", "4294967296", "a"})
    EXPECT_EQ(
        world_.post("/v1/runs/00000000-0000-4000-8000-000000000000/attempts/" + number + "/finish", good).problem(),
        "400 attempt.invalid")
        << number;
}

TEST_F(HttpBadInput, QueriesAreCheckedNameByName) {
  const std::pair<std::string, std::string_view> targets[] = {
      {"/v1/runs?colour=red", "400 query.invalid"},
      {"/v1/types?limit=1", "400 query.invalid"},
      {"/v1/runs?limit=0", "400 limit.invalid"},
      {"/v1/runs?limit=1001", "400 limit.invalid"},
      {"/v1/runs?limit=+5", "400 limit.invalid"},
      {"/v1/runs?limit=1&limit=2", "400 http.malformed"},
      {"/v1/runs?status=done", "400 status.invalid"},
      {"/v1/runs?outcome=lost", "400 outcome.invalid"},
      {"/v1/runs?since=2026-01-01", "400 time.invalid"},
      {"/v1/runs?type=A", "400 type.invalid"},
      {"/v1/events?after=-1", "400 after.invalid"},
      {"/v1/events?after=99999999999999999999", "400 after.invalid"},
      {"/v1/runs/not-a-run", "400 run.invalid"},
      {"/v1/runs?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "400 range.invalid"}};
  for (const auto& [target, problem] : targets) EXPECT_EQ(world_.get(target).problem(), problem) << target;
}

TEST_F(HttpBadInput, BodiesHaveToSayThatTheyAreJson) {
  for (const std::string_view type : {"", "Content-Type: text/plain\r\n", "Content-Type: application/jsonx\r\n",
                                      "Content-Type: application/x-www-form-urlencoded\r\n"}) {
    const HttpReply reply = world_.ask_text(fmt::format(
        "POST /v1/runs HTTP/1.1\r\n{}Authorization: Bearer north\r\nContent-Length: 2\r\n{}\r\n{{}}", kHost, type));
    EXPECT_EQ(reply.problem(), "415 http.media_type") << type;
  }
  EXPECT_EQ(world_.ask({.target = "/v1/types", .token = "north", .body = "{}"}).problem(), "400 body.malformed");
}

TEST_F(HttpBadInput, PagesOfOtherSitesAreTurnedAway) {
  const auto ask = [&](const std::string& host, const std::string& origin) {
    return world_
        .ask_text(fmt::format("GET /v1/types HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer north\r\n{}\r\n", host,
                              origin.empty() ? "" : fmt::format("Origin: {}\r\n", origin)))
        .problem();
  };
  for (const std::string origin : {"https://evil.example", "null", "http://localhost:1"})
    EXPECT_EQ(ask("localhost", origin), "403 origin.denied") << origin;
  for (const std::string host :
       {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "127.0.0.1:80:80"})
    EXPECT_EQ(ask(host, ""), "421 host.denied") << host;
  for (const std::string host : {"localhost", "LOCALHOST:8080", "127.0.0.1:80", "[::1]:80", "[::1]", "127.1.2.3"})
    EXPECT_TRUE(ask(host, "").starts_with("200")) << host;
}

// A monitor may know no more than an address, and speak the oldest HTTP.
TEST_F(HttpBadInput, MonitorsMayNameAnyHostAndUseHttp10) {
  for (const char* const probe : {"/healthz", "/readyz"}) {
    EXPECT_EQ(world_.ask_text(fmt::format("GET {} HTTP/1.1\r\nHost: 10.0.0.1:80\r\n\r\n", probe)).status, 200);
    HttpClient old(world_.port());
    old.send(fmt::format("GET {} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", probe));
    EXPECT_EQ(old.read().status, 200) << probe;
    EXPECT_TRUE(old.is_closed());
  }
  EXPECT_EQ(answer_and_close(world_, "GET /v1/types HTTP/1.0\r\n\r\n"), "505 http.version");
  EXPECT_EQ(answer_and_close(world_, "GET /healthz HTTP/1.0\r\nContent-Length: 1\r\n\r\n"), "400 http.malformed");
  EXPECT_EQ(answer_and_close(world_, "GET /healthz HTTP/1.1\r\n\r\n"), "400 http.malformed") << "no Host";
}

TEST(HttpAllowedHosts, HostsAndOriginsCanBeAllowed) {
  HttpOptions options;
  options.access = {.allowed_hosts = {"ledger.example"}, .allowed_origins = {"https://ops.example"}};
  const HttpTestWorld world(options);
  const HttpReply reply = world.ask_text(
      "GET /v1/types HTTP/1.1\r\nHost: Ledger.Example:443\r\nOrigin: https://ops.example\r\n"
      "Authorization: Bearer north\r\n\r\n");
  EXPECT_EQ(reply.status, 200) << reply.body;
}

// Claims that wait, each with a token of its own.
std::vector<std::unique_ptr<HttpClient>> claims_of_singles(HttpTestWorld& world, std::size_t count) {
  const json claim{{"types", {"demo.sync"}}, {"wait_seconds", 60}};
  std::vector<std::unique_ptr<HttpClient>> waiting;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string token = fmt::format("{}{}", HttpTestWorld::kSingle, i);
    waiting.push_back(std::make_unique<HttpClient>(world.port()));
    waiting.back()->send(http_text({.method = "POST", .target = "/v1/claims", .token = token, .body = claim.dump()}));
  }
  while (world.claims().waiting() < count) std::this_thread::yield();
  return waiting;
}

TEST(HttpConnections, ASlowSenderIsToldSoAndClosed) {
  HttpOptions options;
  options.header_deadline = milliseconds(100);
  options.body_deadline = milliseconds(100);
  const HttpTestWorld world(options);
  HttpClient header(world.port());
  header.send("GET /v1/ty");
  EXPECT_EQ(header.read().problem(), "408 http.timeout");
  EXPECT_TRUE(header.is_closed());
  HttpClient body(world.port());
  body.send(post_text("Content-Length: 20\r\n", "{"));
  EXPECT_EQ(body.read().problem(), "408 http.timeout");
  EXPECT_TRUE(body.is_closed());
  HttpClient silent(world.port());
  EXPECT_TRUE(silent.is_closed());
}

TEST(HttpConnections, OneThatIsIdleTooLongIsClosed) {
  HttpOptions options;
  options.idle_deadline = milliseconds(50);
  const HttpTestWorld world(options);
  HttpClient client(world.port());
  client.send(http_text({.target = "/healthz", .token = ""}));
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpConnections, AReaderThatTakesNothingIsClosed) {
  HttpOptions options;
  options.write_deadline = milliseconds(100);
  options.connections_max = 4;
  HttpTestWorld world(options);
  auto filler = std::make_unique<HttpClient>(world.port());
  for (int n = 0; n < 100; ++n) {
    const json body = {{"type", "demo.sync"}, {"input", {{"n", n}, {"text", std::string(60'000, 'x')}}}};
    filler->send(http_text({.method = "POST", .target = "/v1/runs", .token = "north", .body = body.dump()}));
    ASSERT_EQ(filler->read().status, 201);
  }
  filler.reset();
  const std::vector<std::unique_ptr<HttpClient>> waiting = claims_of_singles(world, 3);
  HttpClient slow(world.port());
  // These answers are more than fits between the client and the server.
  for (int i = 0; i < 20; ++i) slow.send(http_text({.target = "/v1/events?limit=1000", .token = "north"}));
  // There is no room for another connection until the server has closed the slow one.
  for (int status = 0; status != 200;) status = world.get("/v1/types").status;
  int answers = 0;
  while (slow.try_read()) ++answers;
  EXPECT_LT(answers, 20);
}

TEST(HttpConnections, WhatDoesNotFitIntoMemoryIsPutOff) {
  HttpOptions options;
  options.held_bytes_max = 400'000;  // One token may hold a quarter of that.
  const HttpTestWorld world(options);
  const auto request_of = [](int n) {
    return json{{"type", "demo.sync"}, {"input", {{"n", n}, {"text", std::string(40'000, 'x')}}}};
  };
  for (int n = 0; n < 5; ++n) EXPECT_EQ(world.post("/v1/runs", request_of(n)).status, 201);
  const HttpReply page = world.get("/v1/runs");
  EXPECT_EQ(page.problem(), "503 overloaded");
  EXPECT_EQ(page.headers.at("retry-after"), "1");
  EXPECT_EQ(world.get("/v1/runs?limit=1").status, 200);
  EXPECT_EQ(answer_and_close(world, post_text("Content-Length: 100001\r\n", "")), "503 overloaded");
  EXPECT_EQ(answer_and_close(world, post_text("Transfer-Encoding: chunked\r\n", "")), "503 overloaded");
  EXPECT_EQ(world.post("/v1/runs", request_of(6)).status, 201);
}

// Who holds no more places than anybody else keeps them.
TEST(HttpConnections, OneTooManyIsToldSoUnlessItIsAMonitorAndRoomComesBack) {
  HttpOptions options;
  options.connections_max = 4;
  HttpTestWorld world(options);
  std::vector<std::unique_ptr<HttpClient>> waiting = claims_of_singles(world, 4);
  const std::string ask = http_text({.target = "/v1/types", .token = "north"});
  HttpClient one_more(world.port());
  one_more.send(ask);
  EXPECT_EQ(one_more.read().problem(), "503 overloaded");
  EXPECT_TRUE(one_more.is_closed());
  for (const char* const probe : {"/healthz", "/readyz", "/metrics"})
    EXPECT_EQ(world.get(probe, HttpTestWorld::kAll).status, 200) << probe;
  waiting.pop_back();
  for (int status = 0; status != 200;) {
    HttpClient next(world.port());
    next.send(ask);
    status = next.read().status;
  }
}

TEST(HttpConnections, WhoDoesNothingMakesRoomForOneMore) {
  HttpOptions options;
  options.connections_max = 3;
  const HttpTestWorld world(options);
  const std::string ask = http_text({.target = "/v1/types", .token = "north"});
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(std::make_unique<HttpClient>(world.port()));
    idle.back()->send(ask);
    EXPECT_EQ(idle.back()->read().status, 200);
  }
  EXPECT_EQ(world.get("/v1/types").status, 200);
  EXPECT_TRUE(idle[0]->is_closed()) << "it was idle for longest";
  idle[2]->send(ask);
  EXPECT_EQ(idle[2]->read().status, 200);
}

// An unauthenticated caller could begin a request on each connection and never end it.
TEST(HttpConnections, AStrangerMakesRoomWhateverItSends) {
  HttpOptions options;
  options.connections_max = 2;
  const HttpTestWorld world(options);
  HttpClient stranger(world.port());
  stranger.send("GET /v1/types HTTP/1.1\r\nHost: localhost\r\n");
  HttpClient other(world.port());
  other.send("GET /v1");
  EXPECT_EQ(world.get("/v1/types").status, 200);
  EXPECT_TRUE(stranger.is_closed());
}

TEST(HttpConnections, AThousandPipelinedRequestsAreAnsweredInOrder) {
  const HttpTestWorld world;
  std::string asks;
  for (int n = 0; n < 1000; ++n)
    asks += n % 10 == 0 ? http_text({.method = "POST",
                                     .target = "/v1/runs",
                                     .token = "north",
                                     .body = json{{"type", "demo.sync"}, {"input", {{"n", n}}}}.dump()})
                        : http_text({.target = "/v1/runs/" + std::to_string(n), .token = "north"});
  HttpClient client(world.port());
  client.send(asks);
  int sequence = 0;
  for (int n = 0; n < 1000; ++n) {
    const HttpReply reply = client.read();
    if (n % 10 == 0) {
      ASSERT_EQ(reply.json()["sequence"], ++sequence);
    } else {
      ASSERT_EQ(reply.problem(), "400 run.invalid");
    }
  }
  EXPECT_EQ(sequence, 100);
}

TEST(HttpConnections, ABodyIsAskedForWhereTheCallerWaitsForThat) {
  const HttpTestWorld world;
  HttpClient client(world.port());
  const std::string body = R"({"type":"demo.sync"})";
  client.send(post_text(fmt::format("Expect: 100-continue\r\nContent-Length: {}\r\n", body.size()), ""));
  EXPECT_EQ(client.read_header().status, 100);
  client.send(body);
  EXPECT_EQ(client.read().status, 201);
  // An unauthenticated caller gets the refusal instead of 100 Continue.
  HttpClient stranger(world.port());
  stranger.send(fmt::format("POST /v1/runs HTTP/1.1\r\n{}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", kHost));
  EXPECT_EQ(stranger.read().problem(), "401 access.unauthenticated");
  EXPECT_TRUE(stranger.is_closed());
}

TEST(HttpConnections, AConnectionIsKeptUntilTheCallerWantsItClosed) {
  const HttpTestWorld world;
  HttpClient client(world.port());
  HttpAsk ask{.target = "/healthz", .token = ""};
  for (int i = 0; i < 3; ++i) {
    client.send(http_text(ask));
    EXPECT_EQ(client.read().headers.count("connection"), 0U);
  }
  ask.headers["Connection"] = "close";
  client.send(http_text(ask));
  EXPECT_EQ(client.read().headers.at("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpConnections, AnAnswerToHeadHasNoBody) {
  const HttpTestWorld world;
  HttpClient client(world.port());
  client.send(http_text({.method = "HEAD", .target = "/v1/types", .token = "north"}));
  const HttpReply head = client.read_header();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(world.get("/v1/types").body.size()));
  client.send(http_text({.method = "HEAD", .target = "/v1/claims", .token = "north"}));
  EXPECT_EQ(client.read_header().status, 405);
  client.send(http_text({.target = "/healthz", .token = ""}));
  EXPECT_EQ(client.read().status, 200);
}

TEST(HttpConnections, HeadOfAStreamIsItsHeaderAlone) {
  const HttpTestWorld world;
  HttpClient client(world.port());
  client.send(http_text({.method = "HEAD", .target = "/v1/events?follow=1", .token = "north"}));
  EXPECT_EQ(client.read_header().headers.at("content-type"), "text/event-stream");
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpConnections, StoppingLetsRequestsEndAndClosesTheRest) {
  HttpOptions options;
  options.drain = std::chrono::minutes(1);
  HttpTestWorld world(options);
  HttpClient idle(world.port());
  idle.send(http_text({.target = "/healthz", .token = ""}));
  EXPECT_EQ(idle.read().status, 200);
  std::vector<std::unique_ptr<HttpClient>> busy;
  for (int n = 0; n < 20; ++n) {
    busy.push_back(std::make_unique<HttpClient>(world.port()));
    busy.back()->send(http_text({.method = "POST",
                                 .target = "/v1/runs",
                                 .token = "north",
                                 .body = json{{"type", "demo.sync"}, {"input", {{"n", n}}}}.dump()}));
  }
  world.server().stop();
  EXPECT_TRUE(idle.is_closed());
  std::uint64_t answered = 0;
  for (const auto& client : busy) {
    const std::optional<HttpReply> reply = client->try_read();
    if (reply && reply->status == 201) ++answered;
  }
  // Every command that was carried out was also answered.
  EXPECT_EQ(world.ledger().log().last().value, answered);
}

TEST(HttpConnections, AnAddressInUseIsAFailureThatSaysSo) {
  const HttpTestWorld world;
  HttpOptions options;
  options.port = world.port();
  EXPECT_EQ(failure_of([&] { const HttpTestWorld other(options); }).code, "listen.failed");
  options.host = "not an address";
  EXPECT_THROW(HttpTestWorld{options}, Failure);
}

}  // namespace
}  // namespace runledger
