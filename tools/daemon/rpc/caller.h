// Who is at the other end of a connection over RPC. For this room alone.
#pragma once

#include <cstddef>
#include <memory>

#include "tools/daemon/access/authenticator.h"
#include "tools/daemon/access/operations.h"
#include "tools/daemon/observe/watch.h"

namespace runledger {

class RpcLogWatch;
class RpcThreads;

// Who is at the other end of a connection, and how much of the daemon it may take up.
struct RpcCaller {
  const Authenticator& gate;
  const Operations& operations;
  bool is_owner = false;                      // It is the user who runs this process: no token is needed.
  std::size_t calls_max = 0;                  // In flight at once; one more fails as overloaded.
  std::shared_ptr<std::size_t> calls_of_all;  // How many are in flight on every connection of the event loop.
  RpcThreads& threads;                        // Where reads are done.
  RpcLogWatch& log_watch;                     // Wakes what waits for events.
  DaemonWatch* watch = nullptr;               // Null: nobody watches.
};

}  // namespace runledger
