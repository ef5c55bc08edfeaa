// Options about TLS: what they may be together, what is refused before anybody is served, and where nobody listens
// without it.
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
  // What starting so is refused with, which --check-config says as well.
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
    EXPECT_EQ("2 http.invalid", refused({"--http", beyond})) << beyond;
    EXPECT_EQ("2 listen.invalid", refused({"--listen", beyond})) << beyond;
    EXPECT_EQ("2 listen.invalid", refused({"--listen", "127.0.0.1:0", "--listen", beyond})) << beyond;
  }
  for (const char* loopback : {"127.0.0.1:0", "127.8.9.10:0", "localhost:0"}) {
    EXPECT_EQ("good", checked({"--http", loopback})) << loopback;
    EXPECT_EQ("good", checked({"--listen", loopback})) << loopback;
  }
  EXPECT_EQ("good", checked({"--listen", "0.0.0.0:0", "--http", "0.0.0.0:0", "--insecure-listen"}));
  EXPECT_EQ("good", checked({"--listen", "0.0.0.0:0", "--http", "0.0.0.0:0", "--tls-cert", good.certificate,
                             "--tls-key", good.key}));
}

TEST_F(TlsConfig, FilesThatDoNotFitAreRefusedBeforeAnybodyIsServed) {
  const CertificateAuthority::Issued another = authority.issue("DNS:another.example");
  const std::string nonsense = ledger.file("nonsense.pem", "no certificate");
  ::chmod(nonsense.c_str(), S_IRUSR | S_IWUSR);
  EXPECT_EQ("2 tls.key_mismatch", refused_files(good.certificate, another.key));
  EXPECT_EQ("2 tls.key_invalid", refused_files(good.certificate, nonsense));
  EXPECT_EQ("2 tls.certificate_invalid", refused_files(nonsense, good.key));
  EXPECT_EQ("2 tls.unreadable", refused_files("/nowhere", good.key));
  EXPECT_EQ("2 tls.unreadable", refused_files(good.certificate, "/nowhere"));
  EXPECT_EQ("2 tls.authorities_invalid", refused_files(good.certificate, good.key, nonsense));
  std::string chain;
  for (int i = 0; i < 11; ++i) chain += read_file(good.certificate);
  EXPECT_EQ("2 tls.certificate_invalid", refused_files(ledger.file("chain.pem", chain), good.key));
  ::chmod(another.key.c_str(), S_IRUSR | S_IWUSR | S_IROTH);
  EXPECT_EQ("2 tls.key_exposed", refused_files(another.certificate, another.key));
  EXPECT_FALSE(std::filesystem::exists(ledger.data() / "socket"));
}

TEST_F(TlsConfig, ACertificateThatIsNotInForceIsFoundByTheCheck) {
  using Term = CertificateAuthority::Term;
  for (const Term term : {Term::kExpired, Term::kToCome}) {
    const CertificateAuthority::Issued issued = authority.issue("DNS:localhost", term);
    EXPECT_EQ("2 tls.certificate_expired",
              checked({"--listen", "127.0.0.1:0", "--tls-cert", issued.certificate, "--tls-key", issued.key}));
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
    EXPECT_EQ(2, result.status);
    EXPECT_THAT(result.err, Not(HasSubstr(secret.substr(0, 12))));
  }
}

TEST_F(TlsConfig, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_EQ("2 listen.invalid", refused({"--listen", "127.0.0.1"}));
  EXPECT_EQ("2 listen.invalid", refused({"--listen", "127.0.0.1:65536"}));
  EXPECT_EQ("2 listen.invalid", refused({"--listen", "unix:"}));
  EXPECT_EQ("2 listen.invalid", refused({"--listen", "unix:/tmp/a", "--listen", "unix:/tmp/b"}));
  EXPECT_EQ("2 listen.failed", refused({"--listen", "192.0.2.1:80", "--insecure-listen"}));
  EXPECT_EQ("2 usage", refused({"--listen", "127.0.0.1:0", "--tls-key", good.key}));
  EXPECT_EQ("2 usage", refused({"--listen", "127.0.0.1:0", "--tls-cert", good.certificate}));
  EXPECT_EQ("2 usage", refused({"--listen", "127.0.0.1:0", "--tls-client-ca", authority.file()}));
  EXPECT_EQ("2 usage", refused({"--tls-cert", good.certificate, "--tls-key", good.key})) << "nothing to speak it on";
  EXPECT_EQ("2 usage", refused({"--insecure-listen"}));
  EXPECT_EQ("2 usage", refused({"--http", "127.0.0.1:0", "--tls-cert", good.certificate, "--tls-key", good.key,
                                "--tls-client-ca", authority.file()}))
      << "certificates of callers are for RPC";
}

TEST_F(TlsConfig, AddressesOfDaemonsThatMakeNoSenseAreRefused) {
  const auto connecting = [&](Arguments options) {
    options.insert(options.end(), {"request", "--workspace", "acme", "--type", "demo.sync"});
    return failure(ledger.run(options));
  };
  for (const char* address : {"localhost:1", "tls:", "tls:localhost", "tls:localhost:65536", "tls:127.0.0.1:1",
                              "tls:[::1]:1", "tcp:localhost", "unix:", "http://localhost:1"})
    EXPECT_EQ("2 connect.invalid", connecting({"--connect", address})) << address;
  EXPECT_EQ("2 usage", connecting({"--tls-ca", authority.file()}));
  EXPECT_EQ("2 usage", connecting({"--connect", "unix:/tmp/a", "--tls-ca", authority.file()}));
  EXPECT_EQ("2 usage",
            connecting({"--connect", "tcp:localhost:1", "--client-cert", good.certificate, "--client-key", good.key}));
  EXPECT_EQ("2 usage", connecting({"--connect", "tls:localhost:1", "--client-cert", good.certificate}));
  EXPECT_EQ("2 tls.unreadable", connecting({"--connect", "tls:localhost:1", "--tls-ca", "/nowhere"}));
  EXPECT_EQ("2 tls.authorities_invalid", connecting({"--connect", "tls:localhost:1", "--tls-ca", good.key}));
  EXPECT_EQ("2 tls.key_mismatch", connecting({"--connect", "tls:localhost:1", "--client-cert", good.certificate,
                                              "--client-key", authority.issue("DNS:another.example").key}));
  EXPECT_EQ("6 daemon.unreachable", connecting({"--connect", "tls:localhost:1", "--tls-ca", authority.file()}));
  EXPECT_EQ("6 daemon.unreachable", connecting({"--connect", "tls:nosuch.invalid:1"}));
}

}  // namespace
}  // namespace runledger
