// What the capabilities of one connection have in common. For tools/daemon/rpc_*.cc alone; of the event loop's thread.
#pragma once

#include <kj/async-io.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/failure.h"
#include "tools/daemon/rpc_capabilities.h"
#include "tools/daemon/rpc_turns.h"

namespace runledger {

// Ends a call with why, as words::read_refusal understands it.
[[noreturn]] void fail_call(const Rejection& rejection);
[[noreturn]] void fail_call(std::string_view code, std::string_view detail);
[[noreturn]] void fail_call(const Failure& failure);
[[noreturn]] void overload_call(std::string_view what);  // There is too much of it on this connection.

// How many capabilities one connection may hold on to. Each takes memory, and a subscription time as well.
inline constexpr std::size_t kCapabilitiesMax = 256;

// How many commands one connection may have under way: their answers are larger than the smallest commands are.
inline constexpr std::size_t kCommandsMax = 16'384;

// The value, or the end of the call.
template <class T>
[[nodiscard]] T need(Result<T> result) {
  if (!result) fail_call(result.rejection());
  return *std::move(result);
}

// What the capabilities of one connection share.
struct Connection : kj::Refcounted {
  RpcCaller caller;
  bool authenticated = false;     // A session was handed out.
  std::size_t calls = 0;          // Under way,
  std::size_t commands = 0;       // and the commands in them.
  std::size_t passes = 0;         // Held by what was handed out.
  std::size_t subscriptions = 0;  // Open.
  kj::Own<RpcTurns> turns = kj::refcounted<RpcTurns>();

  explicit Connection(const RpcCaller& of) : caller(of) {}

  // Nothing is owed to the other end, so that it may be forgotten when it says nothing for long.
  [[nodiscard]] bool is_idle() const { return calls == 0 && subscriptions == 0; }
};

// What a caller came in with. Looked at anew by every call, so that a token that was revoked, or is over, ends what was
// handed out for it. Every capability holds one of its own, which is how they are counted: the making of one too many
// fails the call.
class Pass {
 public:
  Pass(kj::Own<Connection> connection, std::string token) : connection_(kj::mv(connection)), token_(std::move(token)) {
    if (connection_->passes >= kCapabilitiesMax) overload_call("capabilities held");
    ++connection_->passes;
  }
  Pass(const Pass& other) : Pass(kj::addRef(*other.connection_), other.token_) {}
  Pass(Pass&&) = default;
  ~Pass() noexcept {
    if (connection_.get() != nullptr) --connection_->passes;
  }
  Pass& operator=(const Pass&) = delete;

  [[nodiscard]] Connection& connection() const { return *connection_; }
  // Fails the call when it is not in force.
  [[nodiscard]] Session session() const {
    const RpcCaller& caller = connection_->caller;
    if (token_.empty() && caller.is_owner) return caller.gate.of_owner();
    std::optional<Session> session = token_.empty() ? std::nullopt : caller.gate.by_token(token_);
    if (!session && caller.watch != nullptr) caller.watch->authentication_failed(Way::kRpc);
    if (!session) fail_call("access.unauthenticated", "expected a token that is in force");
    return *std::move(session);
  }

 private:
  mutable kj::Own<Connection> connection_;
  std::string token_;
};

// Counts a subscription for as long as it is open.
class OpenSubscription {
 public:
  explicit OpenSubscription(Connection& connection) : connection_(kj::addRef(connection)) {
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
  // `method` is a literal. `commands`: how many there are in the call.
  explicit CallUnderWay(Connection& connection, std::string_view method = "read", std::size_t commands = 0)
      : connection_(kj::addRef(connection)),
        method_(method),
        commands_(commands),
        since_(std::chrono::steady_clock::now()) {
    const bool is_full = connection_->calls >= connection_->caller.calls_max;
    if (is_full || connection_->commands + commands > kCommandsMax) {
      tell(true);
      overload_call(is_full ? "calls in flight" : "commands in flight");
    }
    connection_->commands += commands;
    ++connection_->calls;
    ++*connection_->caller.calls_of_all;
  }
  ~CallUnderWay() noexcept {
    if (connection_.get() == nullptr) return;
    --connection_->calls;
    connection_->commands -= commands_;
    if (awaited_) --*connection_->caller.calls_of_all;
    tell(!answered_);
  }
  // Nothing is lost where it is cut off: a daemon that ends does not wait for it.
  void let_be_cut_off() {
    if (std::exchange(awaited_, false)) --*connection_->caller.calls_of_all;
  }
  // Before that it counts as failed.
  void answered() { answered_ = true; }
  CallUnderWay(CallUnderWay&&) = default;
  CallUnderWay(const CallUnderWay&) = delete;
  CallUnderWay& operator=(const CallUnderWay&) = delete;

 private:
  void tell(bool failed) const noexcept {
    DaemonWatch* const watch = connection_->caller.watch;
    if (watch != nullptr) watch->called(method_, failed, std::chrono::steady_clock::now() - since_);
  }

  kj::Own<Connection> connection_;
  std::string_view method_;
  std::size_t commands_;
  std::chrono::steady_clock::time_point since_;
  bool awaited_ = true;  // Counted in calls_of_all.
  bool answered_ = false;
};

}  // namespace runledger
