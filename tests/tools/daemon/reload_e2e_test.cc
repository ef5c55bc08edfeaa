// SIGHUP: what the daemon reads again, and what it does with a mistake in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

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

}  // namespace
}  // namespace runledger
