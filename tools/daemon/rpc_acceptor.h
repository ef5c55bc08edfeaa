// Accepts connections over RPC, and ends those that stand still. For rpc_server.cc alone; of the event loop's thread.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_set>

#include "tools/daemon/rpc_server.h"
#include "tools/daemon/rpc_threads.h"
#include "tools/daemon/rpc_turns.h"

namespace runledger {

// The connections of all listeners together: their limits are counted here.
class RpcAcceptor : private kj::TaskSet::ErrorHandler {
 public:
  // Nothing of this is owned; all of it must outlive the acceptor.
  RpcAcceptor(kj::Timer& timer, const RpcServer::Options& options, const Gate& gate);

  // Serves whoever comes. Never ends by itself; may be called for several listeners, which must outlive the promise.
  [[nodiscard]] kj::Promise<void> accept(kj::ConnectionReceiver& receiver);
  // Ends those that stand still, for as long as it goes on. Never ends by itself.
  [[nodiscard]] kj::Promise<void> watch();
  // Once no call is under way.
  [[nodiscard]] kj::Promise<void> finished();

 private:
  struct Served;

  [[nodiscard]] bool has_room(const kj::AsyncIoStream& stream) const;
  [[nodiscard]] kj::Promise<void> serve(kj::Own<kj::AsyncIoStream> stream);
  // Why the connection is to be ended; absent: it is not.
  [[nodiscard]] std::optional<Cut> fault_of(const Served& served) const;
  void look_at_all();
  [[nodiscard]] RpcTurns::Room room_for(Served& served) const;
  void taskFailed(kj::Exception&&) override {}  // Of one connection, which is closed by that.

  kj::Timer& timer_;
  // The time as far as the event loop had any to look after its connections: while it is busy with something else this
  // stands still, so that nobody is taken for slow because the daemon is.
  kj::TimePoint now_;
  const RpcServer::Options& options_;
  const Gate& gate_;
  // Calls under way, on every connection. Shared with them, because a call may outlive its connection and all this.
  std::shared_ptr<std::size_t> calls_ = std::make_shared<std::size_t>(0);
  RpcThreads threads_;
  std::unordered_set<Served*> open_;
  kj::TaskSet connections_;  // What each member of open_ lives in.
};

}  // namespace runledger
