// The HTTP server: a listening socket, its connections, and the threads that serve them.
#pragma once

#include <cstdint>
#include <memory>

#include "ledger/log/event_log.h"
#include "tools/daemon/http/options.h"
#include "tools/daemon/http/routes.h"

namespace runledger {

// Serves from construction to stop() or destruction. Requests on one connection are answered one at a time, in their
// order. The server writes nothing that a caller sent anywhere but to the ledger. port() and begin_stop() may be called
// on any thread.
class HttpServer {
 public:
  // `log` is used only to notice new events for followers. It, and everything that the sources refer to, must outlive
  // the server. Throws Failure "listen.failed", and "tls.certificate_invalid" when OpenSSL cannot use the certificate.
  HttpServer(const HttpOptions& options, HttpSources sources, const EventLog& log);
  ~HttpServer();  // Calls stop().

  [[nodiscard]] std::uint16_t port() const noexcept;  // The port that it listens on.

  // Connections that are made from now on are shown this certificate. Requires a server with TLS. Throws Failure
  // "tls.certificate_invalid", and then nothing changes. Any thread may call it.
  void replace_tls(const TlsIdentity& identity);

  // Stops accepting connections and requests, and withdraws waiting claims; requests under way go on. Does not wait.
  void begin_stop();
  // Calls begin_stop(), lets requests under way end for up to options.drain, and closes the remaining connections. It
  // waits for commands that have reached the ledger and for reads that have begun; others are dropped with their
  // connections. May be called twice, but not by two threads at the same time.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
