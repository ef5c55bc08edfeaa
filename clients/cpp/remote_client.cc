// A LedgerClient that sends each command to a daemon in one RPC call.
#include <utility>

#include "clients/cpp/command_wire.h"
#include "clients/cpp/connect.h"
#include "clients/cpp/rpc_link.h"
#include "ledger/base/failure.h"
#include "ledger/client.h"

namespace runledger {
namespace {

// Sends one command by the RPC method of its type. The methods take lists; each list here has one member.
struct SendAsk {
  RpcLink::Capabilities& daemon;
  const CommandOptions& options;

  kj::Promise<Answer> operator()(const RunRequest& ask) const {
    return send(ask, daemon.requester().requestRequest(), [](auto& call) { return call.initOrders(1)[0]; });
  }
  kj::Promise<Answer> operator()(const CancelRun& ask) const {
    return send(ask, daemon.requester().cancelRequest(), [](auto& call) { return call.initCancels(1)[0]; });
  }
  kj::Promise<Answer> operator()(const StartAttempt& ask) const {
    return send(ask, daemon.worker().startRequest(), [](auto& call) { return call.initStarts(1)[0]; });
  }
  kj::Promise<Answer> operator()(const IdentityStart& ask) const {
    return send(ask, daemon.worker().startByIdentityRequest(), [](auto& call) { return call.initStarts(1)[0]; });
  }
  kj::Promise<Answer> operator()(const Heartbeat& ask) const {
    return send(ask, daemon.worker().heartbeatRequest(), [](auto& call) { return call.initHeartbeats(1)[0]; });
  }
  kj::Promise<Answer> operator()(const FinishAttempt& ask) const {
    return send(ask, daemon.worker().finishRequest(), [](auto& call) { return call.initFinishes(1)[0]; });
  }
  kj::Promise<Answer> operator()(const FailRun& ask) const {
    return send(ask, daemon.worker().failRequest(), [](auto& call) { return call.initFailures(1)[0]; });
  }
  kj::Promise<Answer> operator()(const ExpireLease& ask) const {
    return send(ask, daemon.worker().expireRequest(), [](auto& call) { return call.initExpiries(1)[0]; });
  }
  kj::Promise<Answer> operator()(const SpooledRun& ask) const {
    return send(ask, daemon.worker().recordSpooledRequest(), [](auto& call) { return call.initRuns(1)[0]; });
  }

 private:
  template <class Asked, class Call, class Member>
  kj::Promise<Answer> send(const Asked& ask, Call call, const Member& member) const {
    // Heartbeats, expiries and spooled runs carry no options on the wire: a repeat of these is harmless without an id.
    if constexpr (requires { wire::write(member(call), ask, options); }) {
      wire::write(member(call), ask, options);
    } else {
      wire::write(member(call), ask);
    }
    return call.send().then([](auto&& response) -> Answer {
      if (response.getAnswers().size() != 1) return UnknownOutcome{"expected one answer of the daemon"};
      return wire::read(rpc::Answer::Reader(response.getAnswers()[0]));
    });
  }
};

class RemoteClient final : public LedgerClient {
 public:
  explicit RemoteClient(std::shared_ptr<RpcLink> link) : link_(std::move(link)) {}

  // Gives the command an id and a starter if it has none, so that a repeat never acts twice, and that nobody else takes
  // its answer for his own.
  Answer submit(const Ask& ask, const CommandOptions& options) override {
    CommandOptions named = options;
    if (!named.id) named.id = CommandId{random_uuid()};
    if (!named.starter) named.starter = starter_;
    Answer answer;
    const auto outcome = link_->call(
        [&](RpcLink::Capabilities& daemon) {
          return std::visit(SendAsk{daemon, named}, ask).then([&answer](Answer&& given) { answer = std::move(given); });
        },
        link_->address().timeout);
    if (const auto* failure = std::get_if<Failure>(&outcome)) throw *failure;
    if (const auto* rejection = std::get_if<Rejection>(&outcome)) return *rejection;
    if (std::holds_alternative<RpcLink::Lost>(outcome))
      return UnknownOutcome{"the daemon was lost while the command was on its way"};
    return answer;
  }

 private:
  std::shared_ptr<RpcLink> link_;
  const std::string starter_ = random_starter();
};

}  // namespace

std::unique_ptr<LedgerClient> remote_client(std::shared_ptr<RpcLink> link) {
  return std::make_unique<RemoteClient>(std::move(link));
}

std::unique_ptr<LedgerClient> connect_client(const DaemonAddress& address) {
  return remote_client(connect_link(address));
}

}  // namespace runledger
