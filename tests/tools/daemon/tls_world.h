// The real daemon with TLS, certificates to show it, and a token to come in with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/fixtures/world/certificates.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {

class TlsWorld {
 public:
  TlsWorld();

  CliLedger ledger;
  CertificateAuthority authority{ledger.directory(), "ca"};
  CertificateAuthority stranger{ledger.directory(), "stranger"};  // Whom nobody here trusts.
  CertificateAuthority::Issued good = authority.issue("DNS:localhost");
  std::string token;  // For the whole ledger, with every right.
  std::string token_file;
  std::unique_ptr<Program> daemon;
  std::uint16_t rpc = 0;  // Ports; 0: not served.
  std::uint16_t http = 0;

  // Starts it, in the place of one that was started before, with RPC on TCP.
  void serve(const Arguments& more, const std::string& listen = "127.0.0.1:0");
  void serve_as(const CertificateAuthority::Issued& identity, const Arguments& more = {});
  // Ends it, and gives what it told on standard error.
  std::string end(int signal = SIGTERM);

  // "tls:localhost:PORT" of RPC.
  [[nodiscard]] std::string address() const;
  // What a command comes to that reaches the daemon over TLS, shows the token and trusts the authority.
  ProgramResult through(const Arguments& command, const Arguments& connection = {}) const;
  // Over its own socket.
  [[nodiscard]] bool is_serving() const {
    return ledger.run({"request", "--workspace", "acme", "--type", "demo.sync"}).status == 0;
  }
};

// A request of that number.
[[nodiscard]] Arguments request_of(int number);

}  // namespace runledger
