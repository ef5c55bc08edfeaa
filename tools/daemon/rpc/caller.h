// The caller at the other end of an RPC connection. Only tools/daemon/rpc/ uses it.
#pragma once

#include <cstddef>
#include <memory>

#include "tools/daemon/access/authenticator.h"
#include "tools/daemon/access/operations.h"
#include "tools/daemon/observe/watch.h"

namespace runledger {

class RpcLogWatch;
class RpcThreads;

// The caller's standing and limits, and the parts of the daemon that its calls use, which it does not own.
struct RpcCaller {
  const Authenticator& authenticator;
  const Operations& operations;
  std::optional<uid_t> owner;  // The caller's user, if it is the one who runs this process, or root: needs no token.
  std::size_t calls_max = 0;   // Calls in flight on this connection; one more fails as overloaded.
  std::shared_ptr<std::size_t> calls_of_all;  // Calls in flight on all connections of the event loop.
  RpcThreads& threads;                        // Carries out reads.
  RpcLogWatch& log_watch;                     // Wakes calls that wait for events.
  DaemonWatch* watch = nullptr;               // May be null.
};

}  // namespace runledger
