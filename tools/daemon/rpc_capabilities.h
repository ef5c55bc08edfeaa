// The capabilities that a connection hands out (schema/rpc.capnp). For rpc_server.cc alone.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <memory>

#include "schema/rpc.capnp.h"
#include "tools/daemon/daemon_watch.h"
#include "tools/daemon/gate.h"
#include "tools/daemon/operations.h"

namespace runledger {

class RpcLogWatch;
class RpcThreads;
struct Connection;

// Who is at the other end of a connection, and how much of the daemon it may take up.
struct RpcCaller {
  const Gate& gate;
  const Operations& operations;
  bool is_owner = false;                      // It is the user who runs this process: no token is needed.
  std::size_t calls_max = 0;                  // In flight at once; one more fails as overloaded.
  std::shared_ptr<std::size_t> calls_of_all;  // How many are in flight on every connection of the event loop.
  RpcThreads& threads;                        // Where reads are done.
  RpcLogWatch& log_watch;                     // Wakes what waits for events.
  DaemonWatch* watch = nullptr;               // Null: nobody watches.
};

// The bootstrap capability of `connection`. What its caller refers to, and `timer`, must outlive it and whatever was
// handed out through it. Of the event loop's thread.
[[nodiscard]] rpc::Gate::Client make_gate(kj::Own<Connection> connection, kj::Timer& timer);

}  // namespace runledger
