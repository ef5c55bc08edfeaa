// What the capabilities of one connection have in common. For tools/daemon/rpc_*.cc alone; of the event loop's thread.
#pragma once

#include <kj/async-io.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/log/store/ledger_copy.h"
#include "tools/daemon/observe/watch.h"
#include "tools/daemon/rpc/caller.h"
#include "tools/daemon/rpc/turns.h"

namespace runledger {

// Ends a call with why, as wire::read_refusal understands it, and tells `watch`, which may be null.
[[noreturn]] void fail_call(DaemonWatch* watch, const Rejection& rejection);
[[noreturn]] void fail_call(DaemonWatch* watch, std::string_view code, std::string_view detail);
// The caller learns its code and remedy; what happened is for `watch` alone.
[[noreturn]] void fail_call(DaemonWatch* watch, const Failure& failure);
[[noreturn]] void overload_call(DaemonWatch* watch, std::string_view what);  // Too much of it on this connection.

// How many capabilities one connection may hold on to, and how many subscriptions among them, which take time as well.
inline constexpr std::size_t kCapabilitiesMax = 256;
inline constexpr std::size_t kSubscriptionsMax = 16;

// How many commands one connection may have under way: their answers are larger than the smallest commands are.
inline constexpr std::size_t kCommandsMax = 16'384;

// The value, or the end of the call.
template <class T>
[[nodiscard]] T need(DaemonWatch* watch, Result<T> result) {
  if (!result) fail_call(watch, result.rejection());
  return *std::move(result);
}

// Kept, because every part of a journal comes with its source.
struct JournalRules {
  JournalSource source;
  std::shared_ptr<const Catalog> catalog;
};

// What the capabilities of one connection share.
struct Connection : kj::Refcounted {
  RpcCaller caller;
  bool authenticated = false;     // A session was handed out.
  std::size_t calls = 0;          // Under way,
  std::size_t commands = 0;       // and the commands in them.
  std::size_t passes = 0;         // Held by what was handed out.
  std::size_t subscriptions = 0;  // Open.
  kj::Own<RpcTurns> turns = kj::refcounted<RpcTurns>();
  std::shared_ptr<const LedgerCopy> copy;  // Of the ledger, which the other end looks at. Null: it asked for none.
  std::shared_ptr<const JournalRules> journal_rules;  // Those of the last part of a journal. Null: there was none.

  explicit Connection(const RpcCaller& of) : caller(of) {}

  // Nothing is owed to the other end, so that it may be forgotten when it says nothing for long.
  [[nodiscard]] bool is_idle() const { return calls == 0 && subscriptions == 0 && !copy; }
};

// What a caller came in with. Looked at anew by every call, so that a token that was revoked, or is over, ends what was
// handed out for it. Every capability holds one of its own, which is how they are counted: the making of one too many
// fails the call.
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
  // Fails the call when it is not in force.
  [[nodiscard]] Session session() const;

 private:
  mutable kj::Own<Connection> connection_;
  std::string token_;
};

// Counts a subscription for as long as it is open.
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

// Counts a call for as long as it is under way.
class CallUnderWay {
 public:
  // `method` is a literal: its name in schema/rpc.capnp. `commands`: how many there are in the call.
  CallUnderWay(Connection& connection, std::string_view method, std::size_t commands = 0);
  ~CallUnderWay() noexcept;
  // Nothing is lost where it is cut off: a daemon that ends does not wait for it, and its caller may withdraw it, which
  // is then what it counts as.
  void let_be_cut_off();
  void answered() { end_ = CallEnd::kAnswered; }
  void failed() { end_ = CallEnd::kFailed; }  // As long as nothing else is said.
  CallUnderWay(CallUnderWay&&) = default;
  CallUnderWay(const CallUnderWay&) = delete;
  CallUnderWay& operator=(const CallUnderWay&) = delete;

 private:
  void tell() const noexcept;

  kj::Own<Connection> connection_;
  std::string_view method_;
  std::size_t commands_;
  std::chrono::steady_clock::time_point since_;
  bool awaited_ = true;  // Counted in calls_of_all.
  CallEnd end_ = CallEnd::kFailed;
};

}  // namespace runledger
