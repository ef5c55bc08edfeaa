// The real daemon with TLS, with certificates and an access token.
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
  CertificateAuthority stranger{ledger.directory(), "stranger"};  // An authority that no party trusts.
  CertificateAuthority::Issued good = authority.issue("DNS:localhost");
  std::string token;  // A token for the whole ledger with every right.
  std::string token_file;
  std::unique_ptr<Program> daemon;
  std::uint16_t rpc = 0;  // The ports; 0: not served.
  std::uint16_t http = 0;

  // Starts the daemon with RPC on TCP, after killing an earlier one.
  void serve(const Arguments& more, const std::string& listen = "127.0.0.1:0");
  void serve_as(const CertificateAuthority::Issued& identity, const Arguments& more = {});
  // Ends the daemon and returns its standard error.
  std::string end(int signal = SIGTERM);

  // Returns the address of RPC: "tls:localhost:PORT".
  [[nodiscard]] std::string address() const;
  // Runs a command that reaches the daemon over TLS, with the token and with trust in the authority.
  ProgramResult through(const Arguments& command, const Arguments& connection = {}) const;
  // Returns whether the daemon answers on its own socket.
  [[nodiscard]] bool is_serving() const {
    return ledger.run({"request", "--workspace", "acme", "--type", "demo.sync"}).status == 0;
  }
};

// Returns the command line of a request with that number.
[[nodiscard]] Arguments request_of(int number);

}  // namespace runledger
