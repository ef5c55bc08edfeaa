// The Cap'n Proto way in: schema/rpc.capnp over a unix socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "tools/daemon/daemon_watch.h"
#include "tools/daemon/gate.h"

namespace runledger {

// A thread of its own runs the event loop. What one caller sends is held to limits, so that none can take memory or
// time from the others: 8 MiB and 16 levels a message, `calls_max` calls in flight, `connections_max` connections.
class RpcServer {
 public:
  struct Options {
    std::filesystem::path
        socket;  // Made with mode 0600, in the place of a socket that nobody serves; at most 107 bytes.
    std::size_t connections_max = 1024;  // One more is closed at once.
    std::size_t calls_max = 256;         // In flight on a connection; one more fails with "overloaded".
    DaemonWatch* watch = nullptr;        // Told what happens. Not owned; must outlive the server. Null: nobody is.
  };

  // Listens when it returns. `gate` is not owned and must outlive it. Throws Failure "listen.failed".
  RpcServer(const Options& options, const Gate& gate);
  // Stops accepting, waits up to two seconds for the calls under way, closes, and removes the socket.
  ~RpcServer();

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace runledger
