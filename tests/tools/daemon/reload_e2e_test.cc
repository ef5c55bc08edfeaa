// SIGHUP: what the daemon reads again, and what it does with a mistake in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "tests/fixtures/world/http_client.h"
#include "tests/tools/daemon/tls_world.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Reload : public testing::Test, protected TlsWorld {
 protected:
  void replace_certificate(const CertificateAuthority::Issued& by) const {
    std::filesystem::copy_file(by.certificate, good.certificate, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(by.key, good.key, std::filesystem::copy_options::overwrite_existing);
  }
  // Returns the error of a caller over HTTP that trusts this authority only; "" when it trusts the daemon.
  [[nodiscard]] std::string error_for(const CertificateAuthority& trusted) const {
    const HttpClient client(http, {.authority = trusted.file()});
    return client.tls().is_secured() ? "" : client.tls().error();
  }
  [[nodiscard]] int status_over_rpc(const CertificateAuthority& trusted, int number) const {
    Arguments arguments{"--connect", address(), "--token-file", token_file, "--tls-ca", trusted.file()};
    const Arguments request = request_of(number);
    arguments.insert(arguments.end(), request.begin(), request.end());
    return ledger.run(arguments).status;
  }
};

TEST_F(Reload, TakesANewCertificateForCallersFromThenOn) {
  serve_as(good, {"--http", "127.0.0.1:0"});
  HttpClient connected(http, {.authority = authority.file()});
  const auto ask = [&](HttpClient& client, const std::string& target) {
    client.send(http_text({.target = target, .token = token, .body = ""}));
    return client.read();
  };
  EXPECT_EQ(ask(connected, "/v1/session").status, 200);
  EXPECT_EQ(error_for(stranger), "certificate verify failed");
  replace_certificate(stranger.issue("DNS:localhost"));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_error("\"event\":\"reloaded\""));
  EXPECT_EQ(error_for(stranger), "");
  EXPECT_EQ(error_for(authority), "certificate verify failed");
  EXPECT_EQ(status_over_rpc(stranger, 1), 0);
  EXPECT_EQ(status_over_rpc(authority, 2), 2) << "untrusted";
  EXPECT_EQ(ask(connected, "/v1/session").status, 200) << "a connection goes on with the certificate it began with";
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
}

TEST_F(Reload, SaysWhenTheNewCertificateEnds) {
  serve_as(good, {"--http", "127.0.0.1:0"});
  // The client trusts any certificate.
  const auto ends_at = [&] {
    HttpClient client(http, TlsClient::Options{});
    client.send(http_text({.target = "/metrics", .token = token, .body = ""}));
    const std::string metrics = client.read().body;
    const std::string name = "\nrunledger_tls_certificate_end_timestamp_seconds ";
    return std::stod(metrics.substr(metrics.find(name) + name.size()));
  };
  const double before = ends_at();
  replace_certificate(authority.issue("DNS:localhost", CertificateAuthority::Term::kExpired));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_error("\"reloaded\""));
  EXPECT_LT(ends_at(), before);
  EXPECT_EQ(error_for(authority), "certificate verify failed");
  EXPECT_THAT(end(), HasSubstr("certificate-expired"));
}

TEST_F(Reload, GoesOnAsBeforeAfterAMistake) {
  serve_as(good, {"--http", "127.0.0.1:0"});
  std::filesystem::copy_file(stranger.issue("DNS:localhost").key, good.key,
                             std::filesystem::copy_options::overwrite_existing);
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_error("\"event\":\"reload-failed\",\"code\":\"tls.key_mismatch\""));
  EXPECT_EQ(error_for(authority), "");
  EXPECT_TRUE(is_serving());
  EXPECT_THAT(end(), Not(HasSubstr("\"reloaded\"")));
}

TEST_F(Reload, TakesTheLevelOfTheLogFromTheFile) {
  const auto configure = [&](const std::string& text) { return ledger.file("runledger.toml", "[serve]\n" + text); };
  const std::string file = configure("log-level = \"error\"\n");
  daemon = std::make_unique<Program>(ledger.command({"serve", "--config", file, "--log-format", "json"}));
  ASSERT_TRUE(daemon->wait_for_output("serving "));
  (void)configure("log-level = \"loud\"\n");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_error("\"code\":\"log_level.invalid\""));
  (void)configure("log-level = \"info\"\ntls-cert = \"" + good.certificate + "\"\ntls-key = \"" + good.key +
                  "\"\nhttp = \"127.0.0.1:0\"\n");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_error("expected --tls-cert and --tls-key if the daemon was started with them"));
  (void)configure("log-level = \"info\"\n");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_error("\"event\":\"reloaded\""));
  const std::string log = end();
  EXPECT_THAT(log, Not(HasSubstr("\"started\"")));
  EXPECT_THAT(log, HasSubstr("\"stopped\""));
}

// A daemon with types of its own.
class ReloadOfTheCatalog : public testing::Test {
 protected:
  ReloadOfTheCatalog() {
    write(type("\"cooldown_seconds\":0"));
    serve({});
  }
  void serve(const Arguments& more) {
    Arguments arguments{"serve", "--catalog", (ledger.directory() / "catalog.json").native(), "--log-format", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    daemon = std::make_unique<Program>(ledger.command(arguments));
    ASSERT_TRUE(daemon->wait_for_output("serving "));
  }
  static std::string type(const std::string& members) {
    return R"({"types":[{"type":"reports.send","max_attempts":2,)" + members + "}]}";
  }
  // Another file takes the place of the one that is there, as an editor or a package would do it.
  void write(const std::string& catalog) const {
    std::filesystem::rename(ledger.file("next.json", catalog), ledger.directory() / "catalog.json");
  }
  void reload(const std::string& catalog, const std::string& event = "\"event\":\"reloaded\"") {
    write(catalog);
    daemon->signal(SIGHUP);
    ASSERT_TRUE(daemon->wait_for_error(event));
  }
  [[nodiscard]] json request() const {
    return ledger.json({"request", "--workspace", "acme", "--type", "reports.send"});
  }
  // Requests a run and carries it out.
  void succeed() const {
    const std::string run = request().value("run_id", "");
    (void)ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  }
  [[nodiscard]] json explain() const {
    return ledger.json({"explain", "--workspace", "acme", "--type", "reports.send"});
  }

  CliLedger ledger;
  std::unique_ptr<Program> daemon;
};

TEST_F(ReloadOfTheCatalog, CountsForTheNextRequestAndItsExplanation) {
  succeed();
  EXPECT_EQ(explain()["would_be"], "requested");
  succeed();
  reload(type("\"cooldown_seconds\":3600,\"label\":\"Reports\""));
  // The run that was completed had no cooldown, and keeps that.
  EXPECT_EQ(explain()["would_be"], "requested");
  succeed();
  EXPECT_EQ(explain()["rule"], "cooldown");
  EXPECT_EQ(request()["rule"], "cooldown");
  EXPECT_THAT(ledger.run({"types"}).out, HasSubstr("Reports"));
}

TEST_F(ReloadOfTheCatalog, LeavesTheOldOneInForceAfterAMistake) {
  reload(R"({"types":[{"type":"reports.send","cooldwn_seconds":3600}]})",
         "\"reload-failed\",\"code\":\"catalog.malformed\"");
  reload("{", "\"code\":\"json.malformed\"");
  reload(R"({"types":[{"type":"reports.send"},{"type":"reports.send"}]})", "\"code\":\"catalog.duplicate_type\"");
  std::filesystem::remove(ledger.directory() / "catalog.json");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_error("\"code\":\"catalog.unreadable\""));
  succeed();
  EXPECT_EQ(request()["decision"], "requested") << "the catalog of the start has no cooldown";
}

// As after a restart with that catalog: the run keeps its policy, and its type is like any other that is not listed.
TEST_F(ReloadOfTheCatalog, LeavesActiveRunsOfATypeThatDisappears) {
  const std::string run = request().value("run_id", "");
  reload(R"({"types":[]})");
  const json started = ledger.start(run);
  (void)ledger.finish(run, started, {"--outcome", "failed", "--failure", "disk.full:no room"});
  EXPECT_EQ(ledger.json({"show", run})["run"]["max_attempts"], 2);
  EXPECT_EQ(ledger.json({"show", run})["run"]["status"], "queued") << "one of its two attempts is left";
}

TEST_F(ReloadOfTheCatalog, RefusesUnlistedTypesByTheNewOne) {
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
  serve({"--strict-types"});
  (void)request();
  reload(R"({"types":[]})");
  EXPECT_EQ(failure(ledger.run({"request", "--workspace", "acme", "--type", "reports.send"})), "2 type.unknown");
}

TEST_F(ReloadOfTheCatalog, MayComeAtAnyMomentWhileRequestsAreMade) {
  std::atomic<bool> stopped = false;
  std::thread operators([&] {
    for (int i = 0; !stopped; ++i) {
      write(type(i % 2 == 0 ? "\"cooldown_seconds\":0,\"lease_seconds\":7"
                            : "\"cooldown_seconds\":0,\"lease_seconds\":9"));
      daemon->signal(SIGHUP);
    }
  });
  std::set<double> leases;
  for (int i = 0; i < 15; ++i) {
    const std::string run = request().value("run_id", "");
    const json started = ledger.start(run);
    leases.insert(started.value("lease_seconds", 0.0));
    (void)ledger.finish(run, started, {"--outcome", "succeeded"});
  }
  stopped = true;
  operators.join();
  for (const double lease : leases) EXPECT_TRUE(lease == 7 || lease == 9 || lease == 60) << lease;
  daemon->signal(SIGTERM);
  const ProgramResult ended = daemon->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, Not(HasSubstr("reload-failed")));
  EXPECT_EQ(ledger.run({"verify"}).status, 0);
}

}  // namespace
}  // namespace runledger
