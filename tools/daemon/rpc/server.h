// The RPC server: Cap'n Proto with schema/rpc.capnp, over a unix socket and over TCP.
#pragma once

#include <memory>
#include <vector>

#include "clients/cpp/endpoint.h"
#include "clients/cpp/tls_files.h"
#include "tools/daemon/access/authenticator.h"
#include "tools/daemon/rpc/options.h"

namespace runledger {

// Runs an event loop on a thread of its own, from construction to destruction. What a caller sends is limited, so that
// no caller can take memory or time from the others: a message may have 8 MiB (128 KiB before the caller has a session)
// and 16 levels; the options have the other limits.
class RpcServer {
 public:
  using Options = RpcServerOptions;

  // The server listens when the constructor returns. `authenticator` is not owned and must outlive the server. Throws
  // Failure "listen.failed", and as make_tls_context() does.
  RpcServer(const Options& options, const Authenticator& authenticator);
  // Stops accepting connections. Calls under way go on for up to two seconds; calls that may be cut off, such as
  // waiting claims, are not waited for. Does not wait.
  void begin_stop();
  // Calls begin_stop(), waits up to two seconds for calls under way, closes all connections, and removes the socket.
  ~RpcServer();

  // Connections that are made from now on are shown this certificate, and checked by these authorities. Requires a
  // server with TLS. Throws as make_tls_context() does, and then nothing changes. Any thread may call it, unless
  // begin_stop() was called.
  void replace_tls(const TlsIdentity& identity);

  // The TCP endpoints, with the ports that the system chose where the options say 0.
  [[nodiscard]] const std::vector<Endpoint>& endpoints() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
