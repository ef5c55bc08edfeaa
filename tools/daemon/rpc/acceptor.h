// Accepts connections over RPC, and ends those that stand still. For rpc_server.cc alone; of the event loop's thread.
#pragma once

#include <kj/async-io.h>
#include <kj/compat/tls.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "tools/daemon/access/authenticator.h"
#include "tools/daemon/rpc/log_watch.h"
#include "tools/daemon/rpc/options.h"
#include "tools/daemon/rpc/threads.h"
#include "tools/daemon/rpc/turns.h"

namespace runledger {

// Where callers come in.
struct RpcDoor {
  kj::Own<kj::ConnectionReceiver> receiver;
  bool is_tcp = false;            // Else it is a socket, of which the system tells who is at the other end.
  kj::TlsContext* tls = nullptr;  // Not owned. Null: TLS is not spoken.
  std::size_t taken = 0;          // The connections that came in by it and are open.
};

// The connections of all doors together.
class RpcAcceptor : private kj::TaskSet::ErrorHandler {
 public:
  // Nothing of this is owned; all of it must outlive the acceptor.
  RpcAcceptor(kj::Timer& timer, const RpcServerOptions& options, const Authenticator& gate);

  // Serves whoever comes. Never ends by itself. The door, of which there may be several, must outlive the acceptor.
  [[nodiscard]] kj::Promise<void> accept(RpcDoor& door);
  // Ends those that stand still, for as long as it goes on. Never ends by itself.
  [[nodiscard]] kj::Promise<void> watch();
  // Once no call is under way.
  [[nodiscard]] kj::Promise<void> finished();

 private:
  struct Handshake;
  struct Served;

  // The limit that is reached, so that nobody else may come in; absent: there is room.
  [[nodiscard]] std::optional<std::size_t> full_at(const RpcDoor& door, const kj::AsyncIoStream& stream) const;
  [[nodiscard]] std::size_t strangers() const;
  void take(RpcDoor& door, kj::Own<kj::AsyncIoStream> stream);
  [[nodiscard]] kj::Promise<void> secure(kj::TlsContext& tls, kj::Own<kj::AsyncIoStream> stream);
  // Reads what nobody wants.
  [[nodiscard]] kj::Promise<void> say_farewell(kj::AsyncIoStream& stream);
  [[nodiscard]] kj::Promise<void> serve(kj::Own<kj::AsyncIoStream> stream, bool is_owner, kj::TimePoint since);
  // Why the connection is to be ended; absent: it is not.
  [[nodiscard]] std::optional<CloseReason> fault_of(const Served& served) const;
  void look_at_all();
  void cut(Served& served, CloseReason why) const;
  [[nodiscard]] RpcTurns::Room room_for(Served& asking) const;
  void limit_unread(Served& reading) const;
  void taskFailed(kj::Exception&&) override {}  // Of one connection, which is closed by that.

  kj::Timer& timer_;
  // The time as far as the event loop had any to look after its connections: while it is busy with something else this
  // stands still, so that nobody is taken for slow because the daemon is.
  kj::TimePoint now_;
  const RpcServerOptions& options_;
  const Authenticator& gate_;
  // Calls under way, on every connection. Shared with them, because a call may outlive its connection and all this.
  std::shared_ptr<std::size_t> calls_ = std::make_shared<std::size_t>(0);
  RpcThreads threads_;
  RpcLogWatch log_watch_;
  std::unordered_map<std::string, std::size_t> from_;  // Connections over TCP by address.
  std::unordered_set<Handshake*> handshakes_;
  std::unordered_set<Served*> open_;
  kj::TaskSet connections_;  // What each member of these two lives in.
};

}  // namespace runledger
