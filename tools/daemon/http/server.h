// The HTTP way in: a listening socket, its connections, and the threads that serve them.
#pragma once

#include <cstdint>
#include <memory>

#include "ledger/log/event_log.h"
#include "tools/daemon/http/options.h"
#include "tools/daemon/http/routes.h"

namespace runledger {

// Serves from its construction on. Requests of one connection are answered in their order, one at a time. Nothing that
// a caller sent is written anywhere but to the ledger.
class HttpServer {
 public:
  // `log` only tells when there is something new to follow. It, and what the sources refer to, must outlive the server.
  // Throws "listen.failed", and "tls.certificate_invalid" where OpenSSL cannot use it.
  HttpServer(const HttpOptions& options, HttpSources sources, const EventLog& log);
  ~HttpServer();  // stop()

  [[nodiscard]] std::uint16_t port() const noexcept;

  // Takes no more connections or requests and withdraws the claims that wait; those under way go on. Does not wait.
  void begin_stop();
  // The same, lets those under way end for up to options.drain, and closes the rest. Commands that have reached the
  // ledger, and reads that have begun, are waited for; others are dropped with their connections. May be called twice,
  // but not by two threads at once.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
