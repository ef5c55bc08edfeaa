// The Cap'n Proto way in: schema/rpc.capnp over a unix socket, and over TCP.
#pragma once

#include <memory>
#include <vector>

#include "clients/cpp/endpoint.h"
#include "tools/daemon/access/authenticator.h"
#include "tools/daemon/rpc/options.h"

namespace runledger {

// A thread of its own runs the event loop. What one caller sends is held to limits, so that none can take memory or
// time from the others: 8 MiB and 16 levels a message (128 KiB before it has a session), and those of the options.
class RpcServer {
 public:
  using Options = RpcServerOptions;

  // Listens when it returns. `gate` is not owned and must outlive it. Throws Failure "listen.failed", and as
  // make_tls_context() does.
  RpcServer(const Options& options, const Authenticator& gate);
  // Accepts no more connections; calls under way go on, and those that are not waited for are cut off. Does not wait.
  void begin_stop();
  // The same, waits up to two seconds for the calls under way, closes, and removes the socket.
  ~RpcServer();

  // With the ports that were found.
  [[nodiscard]] const std::vector<Endpoint>& endpoints() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
