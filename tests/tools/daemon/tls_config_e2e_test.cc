// Options for TLS: their allowed combinations, the ones that are refused before any caller is served, and the ports
// that require TLS.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/fixtures/world/certificates.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;

class TlsConfig : public testing::Test {
 protected:
  CliLedger ledger;
  CertificateAuthority authority{ledger.directory(), "ca"};
  CertificateAuthority::Issued good = authority.issue("DNS:localhost");

  [[nodiscard]] ProgramResult serve(Arguments options) const {
    options.insert(options.begin(), "serve");
    return ledger.run(options);
  }
  [[nodiscard]] std::string checked(Arguments options) const {
    options.emplace_back("--check-config");
    const ProgramResult result = serve(options);
    return result.status == 0 ? "good" : failure(result);
  }
  // Returns the failure of starting with these options, and checks that --check-config reports the same.
  [[nodiscard]] std::string refused(const Arguments& options) const {
    const std::string started = failure(serve(options));
    EXPECT_EQ(started, checked(options));
    return started;
  }
  [[nodiscard]] std::string refused_files(const std::string& certificate, const std::string& key,
                                          const std::string& client_ca = "") const {
    Arguments options{"--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key};
    if (!client_ca.empty()) options.insert(options.end(), {"--tls-client-ca", client_ca});
    return refused(options);
  }
};

TEST_F(TlsConfig, NobodyListensBeyondTheLoopbackWithoutItUnlessToldTo) {
  for (const char* beyond : {"0.0.0.0:0", "[::]:0", "192.0.2.1:7000", "runs.example:7000"}) {
    EXPECT_EQ(refused({"--http", beyond}), "2 http.invalid") << beyond;
    EXPECT_EQ(refused({"--listen", beyond}), "2 listen.invalid") << beyond;
    EXPECT_EQ(refused({"--listen", "127.0.0.1:0", "--listen", beyond}), "2 listen.invalid") << beyond;
  }
  for (const char* loopback : {"127.0.0.1:0", "127.8.9.10:0", "localhost:0"}) {
    EXPECT_EQ(checked({"--http", loopback}), "good") << loopback;
    EXPECT_EQ(checked({"--listen", loopback}), "good") << loopback;
  }
  EXPECT_EQ(checked({"--listen", "0.0.0.0:0", "--http", "0.0.0.0:0", "--insecure-listen"}), "good");
  EXPECT_EQ(
      checked({"--listen", "0.0.0.0:0", "--http", "0.0.0.0:0", "--tls-cert", good.certificate, "--tls-key", good.key}),
      "good");
}

TEST_F(TlsConfig, FilesThatDoNotFitAreRefusedBeforeAnybodyIsServed) {
  const CertificateAuthority::Issued another = authority.issue("DNS:another.example");
  const std::string nonsense = ledger.file("nonsense.pem", "no certificate");
  ::chmod(nonsense.c_str(), S_IRUSR | S_IWUSR);
  EXPECT_EQ(refused_files(good.certificate, another.key), "2 tls.key_mismatch");
  EXPECT_EQ(refused_files(good.certificate, nonsense), "2 tls.key_invalid");
  EXPECT_EQ(refused_files(nonsense, good.key), "2 tls.certificate_invalid");
  EXPECT_EQ(refused_files("/nowhere", good.key), "2 tls.unreadable");
  EXPECT_EQ(refused_files(good.certificate, "/nowhere"), "2 tls.unreadable");
  EXPECT_EQ(refused_files(good.certificate, good.key, nonsense), "2 tls.authorities_invalid");
  std::string chain;
  for (int i = 0; i < 11; ++i) chain += read_file(good.certificate);
  EXPECT_EQ(refused_files(ledger.file("chain.pem", chain), good.key), "2 tls.certificate_invalid");
  ::chmod(another.key.c_str(), S_IRUSR | S_IWUSR | S_IROTH);
  EXPECT_EQ(refused_files(another.certificate, another.key), "2 tls.key_exposed");
  EXPECT_FALSE(std::filesystem::exists(ledger.data() / "socket"));
}

TEST_F(TlsConfig, ACertificateThatIsNotInForceIsFoundByTheCheck) {
  using Term = CertificateAuthority::Term;
  for (const Term term : {Term::kExpired, Term::kToCome}) {
    const CertificateAuthority::Issued issued = authority.issue("DNS:localhost", term);
    EXPECT_EQ(checked({"--listen", "127.0.0.1:0", "--tls-cert", issued.certificate, "--tls-key", issued.key}),
              "2 tls.certificate_expired");
  }
}

TEST_F(TlsConfig, NoErrorShowsAKey) {
  const std::string secret = read_file(good.key).substr(30, 60);
  const std::string broken = ledger.file("broken.key", "-----BEGIN PRIVATE KEY-----\n" + secret);
  ::chmod(broken.c_str(), S_IRUSR | S_IWUSR);
  for (const Arguments& files : {Arguments{"--tls-cert", good.certificate, "--tls-key", broken},
                                 Arguments{"--tls-cert", good.key, "--tls-key", good.key}}) {
    Arguments options{"--listen", "127.0.0.1:0"};
    options.insert(options.end(), files.begin(), files.end());
    const ProgramResult result = serve(options);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, Not(HasSubstr(secret.substr(0, 12))));
  }
}

TEST_F(TlsConfig, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(refused({"--listen", "127.0.0.1"}), "2 listen.invalid");
  EXPECT_EQ(refused({"--listen", "127.0.0.1:65536"}), "2 listen.invalid");
  EXPECT_EQ(refused({"--listen", "unix:"}), "2 listen.invalid");
  EXPECT_EQ(refused({"--listen", "unix:/tmp/a", "--listen", "unix:/tmp/b"}), "2 listen.invalid");
  EXPECT_EQ(refused({"--listen", "192.0.2.1:80", "--insecure-listen"}), "2 listen.failed");
  EXPECT_EQ(refused({"--listen", "127.0.0.1:0", "--tls-key", good.key}), "2 usage");
  EXPECT_EQ(refused({"--listen", "127.0.0.1:0", "--tls-cert", good.certificate}), "2 usage");
  EXPECT_EQ(refused({"--listen", "127.0.0.1:0", "--tls-client-ca", authority.file()}), "2 usage");
  EXPECT_EQ(refused({"--tls-cert", good.certificate, "--tls-key", good.key}), "2 usage")
      << "no port is given that could use TLS";
  EXPECT_EQ(refused({"--insecure-listen"}), "2 usage");
  EXPECT_EQ(refused({"--http", "127.0.0.1:0", "--tls-cert", good.certificate, "--tls-key", good.key, "--tls-client-ca",
                     authority.file()}),
            "2 usage")
      << "client certificates are for RPC";
}

TEST_F(TlsConfig, AddressesOfDaemonsThatMakeNoSenseAreRefused) {
  const auto connecting = [&](Arguments options) {
    options.insert(options.end(), {"request", "--workspace", "acme", "--type", "demo.sync"});
    return failure(ledger.run(options));
  };
  for (const char* address : {"localhost:1", "tls:", "tls:localhost", "tls:localhost:65536", "tls:127.0.0.1:1",
                              "tls:[::1]:1", "tcp:localhost", "unix:", "http://localhost:1"})
    EXPECT_EQ(connecting({"--connect", address}), "2 connect.invalid") << address;
  EXPECT_EQ(connecting({"--tls-ca", authority.file()}), "2 usage");
  EXPECT_EQ(connecting({"--connect", "unix:/tmp/a", "--tls-ca", authority.file()}), "2 usage");
  EXPECT_EQ(connecting({"--connect", "tcp:localhost:1", "--client-cert", good.certificate, "--client-key", good.key}),
            "2 usage");
  EXPECT_EQ(connecting({"--connect", "tls:localhost:1", "--client-cert", good.certificate}), "2 usage");
  EXPECT_EQ(connecting({"--connect", "tls:localhost:1", "--tls-ca", "/nowhere"}), "2 tls.unreadable");
  EXPECT_EQ(connecting({"--connect", "tls:localhost:1", "--tls-ca", good.key}), "2 tls.authorities_invalid");
  EXPECT_EQ(connecting({"--connect", "tls:localhost:1", "--client-cert", good.certificate, "--client-key",
                        authority.issue("DNS:another.example").key}),
            "2 tls.key_mismatch");
  EXPECT_EQ(connecting({"--connect", "tls:localhost:1", "--tls-ca", authority.file()}), "6 daemon.unreachable");
  EXPECT_EQ(connecting({"--connect", "tls:nosuch.invalid:1"}), "6 daemon.unreachable");
}

}  // namespace
}  // namespace runledger
