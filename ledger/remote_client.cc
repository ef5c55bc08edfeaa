// The client of a daemon: one call a command.
#include <utility>

#include "ledger/client.h"
#include "ledger/failure.h"
#include "ledger/rpc_link.h"
#include "ledger/rpc_words.h"

namespace runledger {
namespace {

class RemoteClient final : public LedgerClient {
 public:
  explicit RemoteClient(std::shared_ptr<RpcLink> link) : link_(std::move(link)) {}

  Answer request(const RunOrder& order, CommandMark mark) override {
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandMark& named) {
      auto request = daemon.requester().requestRequest();
      words::write(request.initOrders(1)[0], order, named);
      return request.send();
    });
  }
  Answer start(const StartAttempt& start, CommandMark mark) override {
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandMark& named) {
      auto request = daemon.worker().startRequest();
      words::write(request.initStarts(1)[0], start, named);
      return request.send();
    });
  }
  Answer start_by_identity(const IdentityStart& start, CommandMark mark) override {
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandMark& named) {
      auto request = daemon.worker().startByIdentityRequest();
      words::write(request.initStarts(1)[0], start, named);
      return request.send();
    });
  }
  Answer heartbeat(const Heartbeat& heartbeat) override {
    return ask({}, [&](RpcLink::Capabilities& daemon, const CommandMark&) {
      auto request = daemon.worker().heartbeatRequest();
      words::write(request.initHeartbeats(1)[0], heartbeat);
      return request.send();
    });
  }
  Answer finish(const FinishAttempt& finish, CommandMark mark) override {
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandMark& named) {
      auto request = daemon.worker().finishRequest();
      words::write(request.initFinishes(1)[0], finish, named);
      return request.send();
    });
  }
  Answer fail(const FailRun& fail, CommandMark mark) override {
    if (is_cancellation(fail)) {
      return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandMark& named) {
        auto request = daemon.requester().cancelRequest();
        words::write(request.initCancels(1)[0], fail, named);
        return request.send();
      });
    }
    return ask(mark, [&](RpcLink::Capabilities& daemon, const CommandMark& named) {
      auto request = daemon.worker().failRequest();
      words::write(request.initFailures(1)[0], fail, named);
      return request.send();
    });
  }
  Answer expire(RunId run) override {
    return ask({}, [&](RpcLink::Capabilities& daemon, const CommandMark&) {
      auto request = daemon.worker().expireRequest();
      words::write(request.initExpiries(1)[0], ExpireLease{run});
      return request.send();
    });
  }

 private:
  static bool is_cancellation(const FailRun& fail) {
    return fail.outcome == RunOutcome::kCancelled && fail.reason_code.str() == "run.cancelled" && !fail.seen;
  }

  // Sends one command, under an id, so that one that is sent again never acts twice.
  template <class Send>
  Answer ask(CommandMark mark, const Send& send) {
    if (!mark.id) mark.id = CommandId{random_uuid()};
    Answer answer = UnknownOutcome{"expected one answer of the daemon"};
    const auto outcome = link_->call(
        [&](RpcLink::Capabilities& daemon) -> kj::Promise<void> {
          return send(daemon, mark).then([&answer](auto&& response) {
            if (response.getAnswers().size() == 1) answer = words::read(rpc::Answer::Reader(response.getAnswers()[0]));
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
