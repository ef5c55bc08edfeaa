// HTTP over TLS: requests, streams and closing, and callers that speak something else.
//
// The suite HttpOverTls uses an HTTP server in the test's process, whose certificate comes from an authority that the
// test makes. Clients either trust that authority, or send other bytes without any TLS, for which answer_to_plain()
// returns the answer. The suite TlsHttp uses the real daemon.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/fixtures/world/certificates.h"
#include "tests/fixtures/world/tls_client.h"
#include "tests/tools/daemon/http/http_world.h"
#include "tests/tools/daemon/tls_world.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

// An HTTP server in this process.
class HttpOverTls : public testing::Test {
 protected:
  TemporaryDirectory directory;
  CertificateAuthority authority{directory.path(), "ca"};
  CertificateAuthority::Issued own = authority.issue("DNS:localhost");
  OperationsLog log{{.form = LogForm::kText, .least = LogLevel::kError}};
  DaemonMetrics metrics;
  DaemonWatch watch{log, metrics};

  HttpOptions options() {
    HttpOptions secured;
    secured.tls = read_tls({.certificate = own.certificate, .key = own.key, .authorities = {}});
    secured.watch = &watch;
    return secured;
  }
  [[nodiscard]] TlsClient::Options trusting() const { return {.authority = authority.file()}; }
  HttpReply ask(const HttpTestWorld& world, const HttpAsk& ask) const {
    HttpClient client(world.port(), trusting());
    client.send(http_text(ask));
    return client.read();
  }
  // Sends `text` without TLS and returns the answer.
  static std::string answer_to_plain(const HttpTestWorld& world, const std::string& text) {
    const int plain = connect_to_port(world.port());
    (void)::send(plain, text.data(), text.size(), MSG_NOSIGNAL);
    std::string answer;
    char buffer[1024];
    ssize_t count = 0;
    while ((count = ::recv(plain, buffer, sizeof(buffer), 0)) > 0)
      answer.append(buffer, static_cast<std::size_t>(count));
    EXPECT_FALSE(count < 0 && errno == EAGAIN) << "the connection was not closed within a minute";
    ::close(plain);
    return answer;
  }
  [[nodiscard]] std::string counted() { return metrics.text({}); }
};

HttpAsk request(const std::string& input) {
  return {.method = "POST",
          .target = "/v1/runs",
          .token = "north",
          .body = fmt::format(R"({{"workspace":"acme","tenant":"north","type":"demo.sync","input":{}}})", input)};
}

TEST_F(HttpOverTls, CarriesRequestsOneAfterTheOther) {
  const HttpTestWorld world(options());
  HttpClient client(world.port(), trusting());
  ASSERT_TRUE(client.tls().is_secured()) << client.tls().error();
  for (int n = 0; n < 3; ++n) {
    client.send(http_text(request(fmt::format("{{\"n\":{}}}", n))));
    EXPECT_EQ(client.read().status, 201);
  }
  client.send(http_text({.target = "/v1/runs", .token = "north", .body = "", .headers = {{"Connection", "close"}}}));
  EXPECT_EQ(client.read().json().at("runs").size(), 3U);
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(client.tls().was_closed_well()) << "otherwise a caller could take a part of an answer for the whole";
}

TEST_F(HttpOverTls, CarriesRequestsThatComeTogether) {
  const HttpTestWorld world(options());
  HttpClient client(world.port(), trusting());
  client.send(http_text(request("{\"n\":1}")) + http_text(request("{\"n\":2}")) + http_text(request("{\"n\":1}")));
  EXPECT_EQ(client.read().status, 201);
  EXPECT_EQ(client.read().status, 201);
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpOverTls, CarriesLargeBodiesBothWays) {
  const HttpTestWorld world(options());
  EXPECT_EQ(ask(world, request(fmt::format("{{\"text\":\"{}\"}}", std::string(60'000, 'x')))).status, 201);
  const HttpReply document = ask(world, {.target = "/openapi.json", .token = "", .body = ""});
  EXPECT_EQ(document.status, 200);
  EXPECT_GT(document.body.size(), 16'384U) << "the answer is larger than one TLS record";
  EXPECT_FALSE(document.json().is_null());
  for (int n = 0; n < 8; ++n)
    ask(world, request(fmt::format("{{\"n\":{},\"text\":\"{}\"}}", n, std::string(60'000, 'y'))));
  const HttpReply events = ask(world, {.target = "/v1/events", .token = "north", .body = ""});
  EXPECT_EQ(lines_of(events.body).size(), 9U);
}

TEST_F(HttpOverTls, ABodyThatNobodyWantsIsAnsweredWhileItIsStillSent) {
  const HttpTestWorld world(options());
  HttpAsk large = request("{}");
  large.body = std::string(4 * 1024 * 1024, ' ');
  EXPECT_EQ(ask(world, large).problem(), "413 http.body_too_large");
}

TEST_F(HttpOverTls, TellsWhoWaitsForItToGoAhead) {
  const HttpTestWorld world(options());
  HttpAsk expecting = request("{\"n\":1}");
  expecting.headers = {{"Expect", "100-continue"}};
  const std::string text = http_text(expecting);
  HttpClient client(world.port(), trusting());
  client.send(text.substr(0, text.find("\r\n\r\n") + 4));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(expecting.body);
  EXPECT_EQ(client.read().status, 201);
}

TEST_F(HttpOverTls, CarriesAStreamOfEvents) {
  const HttpTestWorld world(options());
  (void)ask(world, request("{\"n\":0}"));
  HttpClient follower(world.port(), trusting());
  follower.send(http_text({.target = "/v1/events?follow=1", .token = "north", .body = ""}));
  EXPECT_EQ(follower.read_header().headers.at("content-type"), "text/event-stream");
  EXPECT_THAT(follower.read_until("\n\n"), StartsWith("id: 1\n"));
  for (int n = 1; n < 30; ++n) {
    (void)ask(world, request(fmt::format("{{\"n\":{}}}", n)));
    EXPECT_THAT(follower.read_until("\n\n"), StartsWith(fmt::format("id: {}\n", n + 1)));
  }
}

TEST_F(HttpOverTls, IsOfVersion12OrNewer) {
  const HttpTestWorld world(options());
  const auto version_with = [&](int most) {
    TlsClient::Options old = trusting();
    old.version_max = most;
    const HttpClient client(world.port(), old);
    return client.tls().is_secured() ? client.tls().version() : client.tls().error();
  };
  EXPECT_EQ(version_with(TLS1_VERSION), "tlsv1 alert protocol version");
  EXPECT_EQ(version_with(TLS1_1_VERSION), "tlsv1 alert protocol version");
  EXPECT_EQ(version_with(TLS1_2_VERSION), "TLSv1.2");
  EXPECT_EQ(version_with(0), "TLSv1.3");
  EXPECT_THAT(counted(), HasSubstr("runledger_handshake_failures_total{way=\"http\"} 2"));
}

TEST_F(HttpOverTls, IsForHttp11Alone) {
  const HttpTestWorld world(options());
  const auto protocol_of = [&](const std::string& offered) {
    TlsClient::Options offering = trusting();
    offering.alpn = offered;
    const HttpClient client(world.port(), offering);
    return client.tls().is_secured() ? client.tls().protocol() : client.tls().error();
  };
  EXPECT_EQ(protocol_of(""), "");
  EXPECT_EQ(protocol_of("http/1.1"), "http/1.1");
  EXPECT_EQ(protocol_of("h2 http/1.1"), "http/1.1");
  EXPECT_EQ(protocol_of("h2"), "tlsv1 alert no application protocol");
}

TEST_F(HttpOverTls, AnotherLanguageOnItsPortEndsThatConnectionAlone) {
  const HttpTestWorld world(options());
  HttpClient bystander(world.port(), trusting());
  for (const std::string& text : {std::string("SSH-2.0-client\r\n"), std::string(100'000, '\0'),
                                  std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x')}) {
    EXPECT_LE(answer_to_plain(world, text).size(), 7U) << "at most an alert";
  }
  bystander.send(http_text(request("{\"n\":1}")));
  EXPECT_EQ(bystander.read().status, 201);
  EXPECT_THAT(counted(), HasSubstr("runledger_handshake_failures_total{way=\"http\"} 3"));
}

TEST_F(HttpOverTls, HttpWithoutTlsIsToldSo) {
  const HttpTestWorld world(options());
  HttpClient bystander(world.port(), trusting());
  for (const HttpAsk& ask :
       {HttpAsk{.target = "/healthz", .token = "", .body = ""},
        HttpAsk{.target = "/v1/runs", .token = "north", .body = ""}, request(std::string(200'000, ' '))}) {
    HttpClient client(world.port());
    client.send(http_text(ask));
    const HttpReply reply = client.read();
    EXPECT_EQ(reply.problem(), "400 tls.expected");
    EXPECT_EQ(reply.headers.at("connection"), "close");
    EXPECT_TRUE(client.is_closed());
  }
  bystander.send(http_text(request("{\"n\":1}")));
  EXPECT_EQ(bystander.read().status, 201);
  EXPECT_THAT(counted(), HasSubstr("runledger_handshake_failures_total{way=\"http\"} 3"));
}

TEST_F(HttpOverTls, AHandshakeThatStandsStillIsCut) {
  HttpOptions limits = options();
  limits.header_deadline = std::chrono::milliseconds(200);
  const HttpTestWorld world(limits);
  EXPECT_EQ(answer_to_plain(world, ""), "");
  EXPECT_EQ(answer_to_plain(world, std::string("\x16\x03\x01\x00\xff", 5)), "");
  EXPECT_THAT(counted(), HasSubstr("runledger_connections_cut_total{reason=\"slow-sender\",way=\"http\"} 2"));
}

TEST_F(HttpOverTls, WhoIsTurnedAwayIsToldSoOverIt) {
  HttpOptions limits = options();
  limits.connections_max = 1;
  HttpTestWorld world(limits);
  const HttpClient first(world.port(), trusting());
  first.send(http_text({.method = "POST",
                        .target = "/v1/claims",
                        .token = HttpTestWorld::kNorth,
                        .body = R"({"types":["demo.sync"],"wait_seconds":60})"}));
  while (world.claims().waiting() == 0) std::this_thread::yield();
  HttpClient second(world.port(), trusting());
  EXPECT_EQ(second.read().problem(), "503 overloaded");
}

TEST_F(HttpOverTls, StopsWhileHandshakesAreUnderWay) {
  auto world = std::make_unique<HttpTestWorld>(options());
  const int silent = connect_to_port(world->port());
  HttpClient idle(world->port(), trusting());
  ASSERT_TRUE(idle.tls().is_secured());
  const auto before = std::chrono::steady_clock::now();
  world = nullptr;
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(4)) << "the stop waited for the handshakes";
  ::close(silent);
}

// These tests use the real daemon.
class TlsHttp : public testing::Test, protected TlsWorld {};

TEST_F(TlsHttp, IsServedBesideRpcWithTheSameCertificate) {
  serve_as(good, {"--http", "127.0.0.1:0"});
  EXPECT_THAT(daemon->output(), HasSubstr("\"https://127.0.0.1:"));
  EXPECT_EQ(through(request_of(1)).status, 0);
  HttpClient client(http, {.authority = authority.file()});
  client.send(http_text({.target = "/v1/runs", .token = token, .body = ""}));
  EXPECT_EQ(client.read().json().at("runs").size(), 1U);
  for (const TlsClient::Options& wary :
       {TlsClient::Options{.authority = stranger.file()},
        TlsClient::Options{.authority = authority.file(), .host = "elsewhere.example"}}) {
    const HttpClient refusing(http, wary);
    EXPECT_EQ(refusing.tls().error(), "certificate verify failed");
  }
  EXPECT_THAT(end(), HasSubstr("\"event\":\"handshake-failed\",\"way\":\"http\""));
}

TEST_F(TlsHttp, AnExpiredCertificateIsNotTrusted) {
  serve_as(authority.issue("DNS:localhost", CertificateAuthority::Term::kExpired), {"--http", "127.0.0.1:0"});
  const HttpClient client(http, {.authority = authority.file()});
  EXPECT_EQ(client.tls().error(), "certificate verify failed");
  EXPECT_TRUE(is_serving());
}

}  // namespace
}  // namespace runledger
