// The state that the capabilities of one connection share, and how calls fail and are counted. Only tools/daemon/rpc/
// uses it, on the event loop's thread.
#pragma once

#include <kj/async-io.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/shares.h"
#include "ledger/log/store/ledger_copy.h"
#include "tools/daemon/observe/watch.h"
#include "tools/daemon/rpc/caller.h"
#include "tools/daemon/rpc/turns.h"

namespace runledger {

// End a call by an exception. `watch` may be null; otherwise it is notified.
//
// The exception has the code and detail, in the form that wire::read_refusal() reads.
[[noreturn]] void fail_call(DaemonWatch* watch, const Rejection& rejection);
[[noreturn]] void fail_call(DaemonWatch* watch, std::string_view code, std::string_view detail);
// The caller gets the code and remedy of the failure; its text goes to `watch` only.
[[noreturn]] void fail_call(DaemonWatch* watch, const Failure& failure);
// The connection has too many of `what`, such as "calls in flight".
[[noreturn]] void overload_call(DaemonWatch* watch, std::string_view what);

// How many capabilities one connection may hold, and how many of them may be subscriptions, which also use time.
inline constexpr std::size_t kCapabilitiesMax = 256;
inline constexpr std::size_t kSubscriptionsMax = 16;

// How many commands one connection may have under way. The limit on bytes is not enough, because an answer is larger
// than the smallest command.
inline constexpr std::size_t kCommandsMax = 16'384;

// Returns the value, or fails the call with the rejection.
template <class T>
[[nodiscard]] T need(DaemonWatch* watch, Result<T> result) {
  if (!result) fail_call(watch, result.rejection());
  return *std::move(result);
}

// The catalog by which a journal is read. A connection keeps it, because every part of a journal comes with its source.
struct JournalRules {
  JournalSource source;
  std::shared_ptr<const Catalog> catalog;
};

// The state of one connection. Its capabilities and calls share ownership of it.
struct Connection : kj::Refcounted {
  RpcCaller caller;
  bool authenticated = false;                            // A session was handed out.
  Holder holder = {};                                    // Of the last session. Empty: the owner, or none.
  std::size_t calls = 0;                                 // Calls under way.
  std::size_t commands = 0;                              // Commands in the calls under way.
  std::size_t passes = 0;                                // SessionHandles that exist, one in each capability.
  std::size_t subscriptions = 0;                         // Open subscriptions.
  std::size_t waiting_calls = 0;                         // Calls under way that may wait long.
  kj::Own<RpcTurns> turns = kj::refcounted<RpcTurns>();  // The order of the connection's reads.
  std::shared_ptr<const LedgerCopy> copy;                // The copy that the caller reads. Null: it requested none.
  std::shared_ptr<const JournalRules> journal_rules;     // Those of the last part of a journal. Null: there was none.

  explicit Connection(const RpcCaller& of) : caller(of) {}

  // Whether the daemon owes the caller nothing, so that it may close the connection after a long silence.
  [[nodiscard]] bool is_idle() const { return calls == 0 && subscriptions == 0 && !copy; }
};

// The token with which a caller authenticated, and its connection. Every call checks the token again by session(), so a
// token that was revoked or has expired ends every capability that was handed out for it. Each capability holds a
// handle of its own, which is how capabilities are counted: constructing one too many fails the call.
class SessionHandle {
 public:
  SessionHandle(kj::Own<Connection> connection, std::string token)
      : connection_(kj::mv(connection)), token_(std::move(token)) {
    if (connection_->passes >= kCapabilitiesMax) overload_call(watch(), "capabilities held");
    ++connection_->passes;
  }
  SessionHandle(const SessionHandle& other) : SessionHandle(kj::addRef(*other.connection_), other.token_) {}
  SessionHandle(SessionHandle&&) = default;
  ~SessionHandle() noexcept {
    if (connection_.get() != nullptr) --connection_->passes;
  }
  SessionHandle& operator=(const SessionHandle&) = delete;

  [[nodiscard]] Connection& connection() const { return *connection_; }
  [[nodiscard]] DaemonWatch* watch() const { return connection_->caller.watch; }
  // Returns the session of the token, or fails the call with "access.unauthenticated" if the token is not in force. An
  // empty token is enough for the owner of the process.
  [[nodiscard]] Session session() const;

 private:
  mutable kj::Own<Connection> connection_;
  std::string token_;
};

// Counts a subscription for as long as it is open. Constructing one too many fails the call.
class OpenSubscription {
 public:
  explicit OpenSubscription(Connection& connection) : connection_(kj::addRef(connection)) {
    if (connection_->subscriptions >= kSubscriptionsMax) overload_call(connection_->caller.watch, "subscriptions");
    ++connection_->subscriptions;
  }
  ~OpenSubscription() noexcept { --connection_->subscriptions; }
  OpenSubscription(const OpenSubscription&) = delete;
  OpenSubscription& operator=(const OpenSubscription&) = delete;

 private:
  kj::Own<Connection> connection_;
};

// Counts and measures a call for as long as it is under way, and reports how it ended: as failed, unless told
// otherwise.
class CallUnderWay {
 public:
  // `method` is a literal: the name of the method in schema/rpc.capnp. `commands` is the number of commands in the
  // call. Fails the call as overloaded when the connection has too many calls or commands under way.
  CallUnderWay(Connection& connection, std::string_view method, std::size_t commands = 0);
  ~CallUnderWay() noexcept;
  // For a call that may end early without losing anything: a daemon that stops does not wait for it, and its caller may
  // cancel it. From now on the call counts as cancelled, unless answered() or failed() follows.
  void allow_cancellation();
  void answered() { end_ = CallEnd::kAnswered; }
  void failed() { end_ = CallEnd::kFailed; }
  CallUnderWay(CallUnderWay&&) = default;
  CallUnderWay(const CallUnderWay&) = delete;
  CallUnderWay& operator=(const CallUnderWay&) = delete;

 private:
  void report() const noexcept;

  kj::Own<Connection> connection_;
  std::string_view method_;
  std::size_t commands_;
  std::chrono::steady_clock::time_point since_;
  bool awaited_ = true;  // Counted in RpcCaller::calls_of_all; otherwise in Connection::waiting_calls.
  CallEnd end_ = CallEnd::kFailed;
};

}  // namespace runledger
