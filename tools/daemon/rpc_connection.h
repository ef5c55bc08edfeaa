// What the capabilities of one connection have in common. For tools/daemon/rpc_*.cc alone; of the event loop's thread.
#pragma once

#include <kj/async-io.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/failure.h"
#include "tools/daemon/rpc_capabilities.h"

namespace runledger {

// Ends a call with why, as words::read_refusal understands it.
[[noreturn]] void fail_call(const Rejection& rejection);
[[noreturn]] void fail_call(std::string_view code, std::string_view detail);
[[noreturn]] void fail_call(const Failure& failure);
[[noreturn]] void overload_call();  // There are too many on this connection.

// What the capabilities of one connection share.
struct Connection : kj::Refcounted {
  RpcCaller caller;
  std::size_t calls = 0;  // Under way.

  explicit Connection(const RpcCaller& of) : caller(of) {}
};

// What a caller came in with. Looked at anew by every call, so that a token that was revoked, or is over, ends what was
// handed out for it.
class Pass {
 public:
  Pass(kj::Own<Connection> connection, std::string token) : connection_(kj::mv(connection)), token_(std::move(token)) {}
  Pass(const Pass& other) : connection_(kj::addRef(*other.connection_)), token_(other.token_) {}
  Pass(Pass&&) = default;
  Pass& operator=(const Pass&) = delete;

  [[nodiscard]] Connection& connection() const { return *connection_; }
  // Fails the call when it is not in force.
  [[nodiscard]] Session session() const {
    const RpcCaller& caller = connection_->caller;
    if (token_.empty() && caller.is_owner) return caller.gate.of_owner();
    std::optional<Session> session = token_.empty() ? std::nullopt : caller.gate.by_token(token_);
    if (!session) fail_call("access.unauthenticated", "expected a token that is in force");
    return *std::move(session);
  }

 private:
  mutable kj::Own<Connection> connection_;
  std::string token_;
};

// Counts a call for as long as it is under way.
class CallUnderWay {
 public:
  explicit CallUnderWay(Connection& connection) : connection_(kj::addRef(connection)) {
    if (connection_->calls >= connection_->caller.calls_max) overload_call();
    ++connection_->calls;
    ++connection_->caller.calls_of_all;
  }
  ~CallUnderWay() noexcept {
    if (connection_.get() == nullptr) return;
    --connection_->calls;
    --connection_->caller.calls_of_all;
  }
  CallUnderWay(CallUnderWay&&) = default;
  CallUnderWay(const CallUnderWay&) = delete;
  CallUnderWay& operator=(const CallUnderWay&) = delete;

 private:
  kj::Own<Connection> connection_;
};

}  // namespace runledger
