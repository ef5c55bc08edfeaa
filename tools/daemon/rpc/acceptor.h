// Accepts RPC connections, limits what they use, and closes the ones that stall. Only rpc/server.cc uses it.
#pragma once

#include <kj/async-io.h>
#include <kj/compat/tls.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ledger/base/shares.h"
#include "tools/daemon/access/authenticator.h"
#include "tools/daemon/rpc/log_watch.h"
#include "tools/daemon/rpc/options.h"
#include "tools/daemon/rpc/threads.h"
#include "tools/daemon/rpc/turns.h"

namespace runledger {

// One listener and the number of its connections.
struct RpcListener {
  kj::Own<kj::ConnectionReceiver> receiver;
  bool is_tcp = false;            // False: a unix socket, for which the system tells the user at the other end.
  kj::TlsContext* tls = nullptr;  // Not owned. Null: no TLS.
  std::size_t taken = 0;          // Open connections that this listener has accepted.
};

// Owns the connections of all listeners. Used by the event loop's thread only.
class RpcAcceptor : private kj::TaskSet::ErrorHandler {
 public:
  // Owns none of its arguments; all of them must outlive the acceptor.
  RpcAcceptor(kj::Timer& timer, const RpcServerOptions& options, const Authenticator& authenticator);

  // Accepts and serves the callers of one listener until the promise is destroyed. May be called for several listeners;
  // each must outlive the acceptor.
  [[nodiscard]] kj::Promise<void> accept(RpcListener& listener);
  // Closes connections that pass a deadline, until the promise is destroyed.
  [[nodiscard]] kj::Promise<void> watch();
  // Is fulfilled once no call is under way that the server must wait for.
  [[nodiscard]] kj::Promise<void> finished();

 private:
  struct Place;
  struct Handshake;
  struct Served;

  // Returns the limit that forbids another connection, or nullopt if there is room.
  [[nodiscard]] std::optional<std::size_t> full_at(const RpcListener& listener, kj::AsyncIoStream& stream) const;
  [[nodiscard]] std::size_t unauthenticated() const;  // Connections over TCP without a session yet.
  // Closes a connection in favour of one that full_at() forbids. Returns false when there is none to close.
  [[nodiscard]] bool make_room(const RpcListener& listener, kj::AsyncIoStream& stream) const;
  [[nodiscard]] bool cut_stranger(const std::vector<Place*>& from) const;
  [[nodiscard]] bool cut_of_most(const std::vector<Served*>& from, std::size_t most_left_alone) const;
  void take(RpcListener& listener, kj::Own<kj::AsyncIoStream> stream);
  [[nodiscard]] kj::Promise<void> secure(RpcListener& listener, std::string origin, kj::Own<kj::AsyncIoStream> stream);
  // Ends a connection on which TLS failed, and lets the other end read the alert first.
  [[nodiscard]] kj::Promise<void> drain_and_close(kj::AsyncIoStream& stream);
  [[nodiscard]] kj::Promise<void> serve(RpcListener& listener, std::string origin, kj::Own<kj::AsyncIoStream> stream,
                                        kj::TimePoint since);
  // Returns why the connection must be closed, or nullopt if it may stay.
  [[nodiscard]] std::optional<CloseReason> fault_of(const Served& served) const;
  void look_at_all();
  void cut(Place& connection, CloseReason why) const;
  // The bytes of answers that each token and each tenant has not taken.
  [[nodiscard]] Shares untaken() const;
  // Whether the caller's token or tenant holds more than its share of them, as of the last look.
  [[nodiscard]] bool holds_too_much(const Served& served) const;
  [[nodiscard]] bool is_full(Served& served) const;
  [[nodiscard]] RpcTurns::Room room_for(Served& asking);
  [[nodiscard]] bool cut_slowest(Served& asking) const;
  void limit_unread(Served& reading) const;
  void taskFailed(kj::Exception&&) override {}  // The failure has closed its connection, which is all that is needed.

  kj::Timer& timer_;
  // The clock of all deadlines. It advances only when watch() runs, so it stands still while the event loop is busy: no
  // caller is taken for slow because the daemon is slow.
  kj::TimePoint now_;
  const RpcServerOptions& options_;
  const Authenticator& authenticator_;
  // The calls under way on all connections. Shared with the calls, because a call may outlive its connection and even
  // the acceptor.
  std::shared_ptr<std::size_t> calls_ = std::make_shared<std::size_t>(0);
  RpcThreads threads_;
  RpcLogWatch log_watch_;
  std::unordered_map<std::string, std::size_t> from_;  // Connections by origin_of().
  std::unordered_set<Handshake*> handshakes_;          // Connections during their TLS handshake.
  std::unordered_set<Served*> open_;                   // Connections that are served.
  Shares untaken_;                                     // untaken() as of the last look.
  kj::TaskSet connections_;                            // Owns the members of the two sets, through their promises.
};

}  // namespace runledger
