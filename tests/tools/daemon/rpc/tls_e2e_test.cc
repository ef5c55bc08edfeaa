// RPC over TLS: certificates that are good, expired, of another authority and for another name, on both sides, and
// callers that do not speak TLS.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/tls_client.h"
#include "tests/tools/daemon/rpc/rpc_peer.h"
#include "tests/tools/daemon/tls_world.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using Term = CertificateAuthority::Term;

constexpr char kRun[] = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";

std::size_t times(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

class TlsRpc : public testing::Test, protected TlsWorld {
 protected:
  Arguments showing(const CertificateAuthority::Issued& own) {
    return {"--client-cert", own.certificate, "--client-key", own.key};
  }
  [[nodiscard]] DaemonAddress daemon_address(std::chrono::milliseconds timeout = std::chrono::seconds(60)) const {
    return {.socket = {},
            .token = token,
            .timeout = timeout,
            .endpoint = {"localhost", rpc},
            .tls = TlsFiles{.certificate = {}, .key = {}, .authorities = authority.file()}};
  }
};

TEST_F(TlsRpc, CarriesARunsWholeLife) {
  serve_as(good);
  const json requested = json::parse(through(request_of(1)).out);
  EXPECT_EQ(requested.at("decision"), "requested");
  const std::string run = requested.at("run_id");
  const json started = json::parse(through({"start", run}).out);
  const std::string fence = started.at("token").dump();
  EXPECT_EQ(json::parse(through({"heartbeat", run, "--attempt", "1", "--token", fence}).out).at("decision"), "alive");
  const ProgramResult finished = through({"finish", run, "--attempt", "1", "--token", fence, "--outcome", "succeeded"});
  EXPECT_EQ(json::parse(finished.out).at("decision"), "finished");
  EXPECT_EQ(run, json::parse(through({"list"}).out).at("run_id"));
  EXPECT_EQ(json::parse(through({"show", run}).out).at("run").at("outcome"), "succeeded");
  EXPECT_EQ(lines_of(through({"replay"}).out).size(), 3U);
  EXPECT_EQ(json::parse(through(request_of(1)).out).at("decision"), "deduped");
  EXPECT_EQ(through({"exec", "--workspace", "acme", "--type", "demo.sync", "--", "/bin/true"}).status, 0);
  EXPECT_EQ(through({"work", "--type", "ops.reconcile_adapter_runs", "--until-idle"}).status, 0);
  EXPECT_THAT(end(), Not(HasSubstr("handshake-failed")));
}

TEST_F(TlsRpc, GivesNobodyTheRightsOfTheOwner) {
  serve_as(good);
  EXPECT_EQ(failure(ledger.run({"--connect", address(), "--tls-ca", authority.file(), "start", kRun})),
            "4 access.unauthenticated");
  serve({});
  const std::string plain = fmt::format("tcp:localhost:{}", rpc);
  EXPECT_EQ(failure(ledger.run({"--connect", plain, "start", kRun})), "4 access.unauthenticated")
      << "a connection on the loopback without TLS does not give them either";
  EXPECT_EQ(ledger
                .run({"--connect", plain, "--token-file", token_file, "request", "--workspace", "acme", "--type",
                      "demo.sync"})
                .status,
            0);
}

TEST_F(TlsRpc, ADaemonIsTrustedWithAGoodCertificateForItsNameAlone) {
  for (const CertificateAuthority::Issued& bad :
       {stranger.issue("DNS:localhost"), authority.issue("DNS:elsewhere.example"), authority.issue("IP:127.0.0.1"),
        authority.issue("DNS:localhost", Term::kExpired), authority.issue("DNS:localhost", Term::kToCome)}) {
    serve_as(bad);
    const ProgramResult refused = through(request_of(1));
    EXPECT_EQ(failure(refused), "2 daemon.untrusted") << bad.certificate;
    EXPECT_THAT(refused.err, HasSubstr(address()));
    EXPECT_TRUE(is_serving());
  }
  serve_as(good);
  EXPECT_EQ(through(request_of(1)).status, 0);
}

TEST_F(TlsRpc, WhatThisSystemTrustsIsTrustedWhereNoAuthorityIsNamed) {
  serve_as(good);
  const Arguments command{"--connect",   address(), "--token-file", token_file, "request",
                          "--workspace", "acme",    "--type",       "demo.sync"};
  EXPECT_EQ(failure(ledger.run(command)), "2 daemon.untrusted");
  ProgramOptions trusting;
  trusting.environment = {{"SSL_CERT_FILE", authority.file()}};
  EXPECT_EQ(ledger.run(command, trusting).status, 0);
}

TEST_F(TlsRpc, OperatorsAreToldOfTheirOwnExpiredCertificate) {
  serve_as(authority.issue("DNS:localhost", Term::kExpired));
  EXPECT_TRUE(is_serving()) << "its own socket is served";
  EXPECT_THAT(end(), HasSubstr("certificate-expired"));
}

TEST_F(TlsRpc, CallersShowACertificateWhereOneIsAskedFor) {
  CertificateAuthority callers(ledger.directory(), "callers");
  serve_as(good, {"--tls-client-ca", callers.file()});
  EXPECT_EQ(through(request_of(1), showing(callers.issue("DNS:worker"))).status, 0);
  EXPECT_EQ(failure(through(request_of(2))), "2 daemon.untrusting");
  EXPECT_EQ(failure(through(request_of(2), showing(stranger.issue("DNS:worker")))), "2 daemon.untrusting");
  EXPECT_EQ(failure(through(request_of(2), showing(good))), "2 daemon.untrusting")
      << "the authority of the daemon does not count for clients";
  EXPECT_EQ(failure(through(request_of(2), showing(callers.issue("DNS:worker", Term::kExpired)))),
            "2 daemon.untrusting");
  EXPECT_TRUE(is_serving());
  EXPECT_EQ(times(end(), "handshake-failed"), 4U) << "each client learned the reason at its first attempt";
}

TEST_F(TlsRpc, ACertificateIsNoToken) {
  CertificateAuthority callers(ledger.directory(), "callers");
  serve_as(good, {"--tls-client-ca", callers.file()});
  Arguments command{"--connect", address(), "--tls-ca", authority.file(), "start", kRun};
  for (const std::string& option : showing(callers.issue("DNS:worker"))) command.push_back(option);
  EXPECT_EQ(failure(ledger.run(command)), "4 access.unauthenticated");
}

TEST_F(TlsRpc, AConnectionThatWasLostIsMadeAnew) {
  serve_as(good);
  const std::unique_ptr<LedgerClient> client = connect_client(daemon_address());
  const auto ask = [&](int number) {
    RunRequest request;
    request.workspace = examples::workspace();
    request.type = examples::type("demo.sync");
    request.input = examples::input(fmt::format("{{\"n\":{}}}", number));
    return std::holds_alternative<Reply>(client->submit(request, {}));
  };
  EXPECT_TRUE(ask(1));
  for (const int signal : {SIGKILL, SIGTERM}) {
    const std::string before = fmt::format("127.0.0.1:{}", rpc);
    end(signal);
    serve({"--tls-cert", good.certificate, "--tls-key", good.key}, before);
    EXPECT_TRUE(ask(signal));
  }
}

TEST_F(TlsRpc, AnotherLanguageOnItsPortEndsThatConnectionAlone) {
  serve_as(good);
  const std::unique_ptr<LedgerClient> bystander = connect_client(daemon_address());
  for (const std::string& text :
       {std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), rpc_opening(), std::string(100'000, '\0'),
        std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x')}) {
    const int plain = connect_to_port(rpc);
    (void)::send(plain, text.data(), text.size(), MSG_NOSIGNAL);
    char buffer[1024];
    ssize_t count = 0;
    std::size_t received = 0;
    while ((count = ::recv(plain, buffer, sizeof(buffer), 0)) > 0) received += static_cast<std::size_t>(count);
    EXPECT_FALSE(count < 0 && errno == EAGAIN) << "the connection was not closed within a minute";
    EXPECT_LE(received, 7U) << "at most an alert";
    ::close(plain);
  }
  EXPECT_EQ(through(request_of(1)).status, 0);
  EXPECT_TRUE(std::holds_alternative<Rejection>(
      bystander->submit(FailRun{.run = examples::run_id(1), .reason_code = {}, .message = {}}, {})));
}

TEST_F(TlsRpc, IsNotSpokenToADaemonThatDoesNot) {
  serve({});
  const std::string refused = failure(through(request_of(1)));
  EXPECT_TRUE(refused == "2 daemon.untrusted" || refused == "6 daemon.unreachable") << refused;
  EXPECT_TRUE(is_serving());
}

TEST_F(TlsRpc, IsOfVersion12OrNewer) {
  serve_as(good);
  const auto version_with = [&](int most) {
    const int raw = connect_to_port(rpc);
    const TlsClient client(raw, {.authority = authority.file(), .version_max = most});
    std::string version = client.is_secured() ? client.version() : client.error();
    ::close(raw);
    return version;
  };
  EXPECT_EQ(version_with(TLS1_VERSION), "tlsv1 alert protocol version");
  EXPECT_EQ(version_with(TLS1_1_VERSION), "tlsv1 alert protocol version");
  EXPECT_EQ(version_with(TLS1_2_VERSION), "TLSv1.2");
  EXPECT_EQ(version_with(0), "TLSv1.3");
}

}  // namespace
}  // namespace runledger
