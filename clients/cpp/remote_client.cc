// The client of a daemon: one call a command.
#include <utility>

#include "clients/cpp/command_wire.h"
#include "clients/cpp/connect.h"
#include "clients/cpp/rpc_link.h"
#include "ledger/base/failure.h"
#include "ledger/client.h"

namespace runledger {
namespace {

class RemoteClient final : public LedgerClient {
 public:
  explicit RemoteClient(std::shared_ptr<RpcLink> link) : link_(std::move(link)) {}

  Answer request(const RunRequest& order, CommandOptions mark) override {
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandOptions& named) {
      auto request = daemon.requester().requestRequest();
      wire::write(request.initOrders(1)[0], order, named);
      return request.send();
    });
  }
  Answer start(const StartAttempt& start, CommandOptions mark) override {
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandOptions& named) {
      auto request = daemon.worker().startRequest();
      wire::write(request.initStarts(1)[0], start, named);
      return request.send();
    });
  }
  Answer start_by_identity(const IdentityStart& start, CommandOptions mark) override {
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandOptions& named) {
      auto request = daemon.worker().startByIdentityRequest();
      wire::write(request.initStarts(1)[0], start, named);
      return request.send();
    });
  }
  Answer heartbeat(const Heartbeat& heartbeat) override {
    return ask({}, [&](RpcLink::Capabilities& daemon, const CommandOptions&) {
      auto request = daemon.worker().heartbeatRequest();
      wire::write(request.initHeartbeats(1)[0], heartbeat);
      return request.send();
    });
  }
  Answer finish(const FinishAttempt& finish, CommandOptions mark) override {
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandOptions& named) {
      auto request = daemon.worker().finishRequest();
      wire::write(request.initFinishes(1)[0], finish, named);
      return request.send();
    });
  }
  Answer fail(const FailRun& fail, CommandOptions mark) override {
    if (is_cancellation(fail)) {
      return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandOptions& named) {
        auto request = daemon.requester().cancelRequest();
        wire::write(request.initCancels(1)[0], fail, named);
        return request.send();
      });
    }
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandOptions& named) {
      auto request = daemon.worker().failRequest();
      wire::write(request.initFailures(1)[0], fail, named);
      return request.send();
    });
  }
  Answer expire(RunId run) override {
    return ask({}, [&](RpcLink::Capabilities& daemon, const CommandOptions&) {
      auto request = daemon.worker().expireRequest();
      wire::write(request.initExpiries(1)[0], ExpireLease{run});
      return request.send();
    });
  }

 private:
  static bool is_cancellation(const FailRun& fail) {
    return fail.outcome == RunOutcome::kCancelled && fail.reason_code.str() == "run.cancelled" && !fail.seen;
  }

  // Sends one command, under an id, so that one that is sent again never acts twice.
  template <class Send>
  Answer ask(CommandOptions mark, const Send& send) {
    if (!mark.id) mark.id = CommandId{random_uuid()};
    Answer answer = UnknownOutcome{"expected one answer of the daemon"};
    const auto outcome = link_->call(
        [&](RpcLink::Capabilities& daemon) -> kj::Promise<void> {
          return send(daemon, mark).then([&answer](auto&& response) {
            if (response.getAnswers().size() == 1) answer = wire::read(rpc::Answer::Reader(response.getAnswers()[0]));
          });
        },
        link_->address().patience);
    if (const auto* failure = std::get_if<Failure>(&outcome)) throw *failure;
    if (const auto* rejection = std::get_if<Rejection>(&outcome)) return *rejection;
    if (std::holds_alternative<RpcLink::Lost>(outcome))
      return UnknownOutcome{"the daemon was lost while the command was on its way"};
    return answer;
  }

  std::shared_ptr<RpcLink> link_;
};

}  // namespace

std::unique_ptr<LedgerClient> remote_client(std::shared_ptr<RpcLink> link) {
  return std::make_unique<RemoteClient>(std::move(link));
}

std::unique_ptr<LedgerClient> connect_client(const DaemonAddress& address) {
  return remote_client(connect_link(address));
}

}  // namespace runledger
