// Implements how calls fail, how a token becomes a session, and how calls are counted.
#include "tools/daemon/rpc/connection.h"

#include <fmt/format.h>

#include "clients/cpp/command_wire.h"

namespace runledger {
namespace {

[[noreturn]] void end_call(kj::Exception::Type type, const std::string& text) {
  kj::throwFatalException(kj::Exception(type, __FILE__, __LINE__, kj::heapString(text.c_str(), text.size())));
}

}  // namespace

void fail_call(DaemonWatch* watch, const Rejection& rejection) {
  if (watch != nullptr) watch->rejected(rejection.code);
  end_call(kj::Exception::Type::FAILED, wire::refusal_text(rejection));
}

void fail_call(DaemonWatch* watch, std::string_view code, std::string_view detail) {
  fail_call(watch, reject(code, detail));
}

void fail_call(DaemonWatch* watch, const Failure& failure) {
  if (watch != nullptr) watch->failed(failure.code(), failure.what());
  end_call(kj::Exception::Type::FAILED, wire::refusal_text(Failure(failure.remedy(), failure.code(), kSeeDaemonLog)));
}

void overload_call(DaemonWatch* watch, std::string_view what) {
  if (watch != nullptr) watch->rejected("overloaded");
  end_call(kj::Exception::Type::OVERLOADED, fmt::format("overloaded: too many {} on this connection", what));
}

Session SessionHandle::session() const {
  const RpcCaller& caller = connection_->caller;
  if (token_.empty() && caller.owner) return caller.authenticator.of_owner(*caller.owner);
  std::optional<Session> session;
  try {
    session = caller.authenticator.by_token(token_);
  } catch (const Failure& failure) {
    fail_call(watch(), failure);
  }
  if (session) return *std::move(session);
  if (watch() != nullptr) watch()->authentication_failed(Transport::kRpc);
  fail_call(watch(), "access.unauthenticated", "expected a token that is in force");
}

CallUnderWay::CallUnderWay(Connection& connection, std::string_view method, std::size_t commands)
    : connection_(kj::addRef(connection)),
      method_(method),
      commands_(commands),
      since_(std::chrono::steady_clock::now()) {
  const bool is_full = connection_->calls >= connection_->caller.calls_max;
  if (is_full || connection_->commands + commands > kCommandsMax) {
    report();
    overload_call(connection_->caller.watch, is_full ? "calls in flight" : "commands in flight");
  }
  connection_->commands += commands;
  ++connection_->calls;
  ++*connection_->caller.calls_of_all;
}

CallUnderWay::~CallUnderWay() noexcept {
  if (connection_.get() == nullptr) return;
  --connection_->calls;
  connection_->commands -= commands_;
  --(awaited_ ? *connection_->caller.calls_of_all : connection_->waiting_calls);
  report();
}

void CallUnderWay::allow_cancellation() {
  if (std::exchange(awaited_, false)) {
    --*connection_->caller.calls_of_all;
    ++connection_->waiting_calls;
  }
  end_ = CallEnd::kCancelled;
}

void CallUnderWay::report() const noexcept {
  DaemonWatch* const watch = connection_->caller.watch;
  if (watch != nullptr) watch->called(method_, end_, std::chrono::steady_clock::now() - since_);
}

}  // namespace runledger
