// Starts the daemon and sends commands to it.
#include "tests/tools/daemon/tls_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace runledger {

TlsWorld::TlsWorld() {
  const nlohmann::json issued = ledger.json({"token", "issue", "--every-workspace", "--right", "request", "--right",
                                             "work", "--right", "audit", "--right", "operate"});
  token = issued.at("token");
  token_file = ledger.file("token", token);
}

void TlsWorld::serve(const Arguments& more, const std::string& listen) {
  daemon = nullptr;
  Arguments arguments{"serve", "--format", "json", "--log-format", "json", "--listen", listen};
  arguments.insert(arguments.end(), more.begin(), more.end());
  daemon = std::make_unique<Program>(ledger.command(arguments));
  ASSERT_TRUE(daemon->wait_for_output("\n")) << daemon->wait().err;
  const auto told = nlohmann::json::parse(daemon->output());
  rpc = port_of(told.at("rpc").at(1));
  http = told.contains("http") ? port_of(told.at("http")) : std::uint16_t{0};
}

void TlsWorld::serve_as(const CertificateAuthority::Issued& identity, const Arguments& more) {
  Arguments arguments{"--tls-cert", identity.certificate, "--tls-key", identity.key};
  arguments.insert(arguments.end(), more.begin(), more.end());
  serve(arguments);
}

std::string TlsWorld::end(int signal) {
  daemon->signal(signal);
  return daemon->wait().err;
}

std::string TlsWorld::address() const {
  return fmt::format("tls:localhost:{}", rpc);
}

ProgramResult TlsWorld::through(const Arguments& command, const Arguments& connection) const {
  Arguments arguments{"--format",     "json",     "--connect", address(),
                      "--token-file", token_file, "--tls-ca",  authority.file()};
  arguments.insert(arguments.end(), connection.begin(), connection.end());
  arguments.insert(arguments.end(), command.begin(), command.end());
  return ledger.run(arguments);
}

Arguments request_of(int number) {
  return {"request", "--workspace", "acme", "--type", "demo.sync", "--input", fmt::format("{{\"n\":{}}}", number)};
}

}  // namespace runledger
