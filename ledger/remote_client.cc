// The client of a daemon: a thread with an event loop, one connection, and another try when it is lost.
#include <capnp/rpc-twoparty.h>
#include <fmt/format.h>
#include <kj/async-io.h>

#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "ledger/client.h"
#include "ledger/failure.h"
#include "ledger/rpc_words.h"

namespace runledger {
namespace {

constexpr auto kRetryDelayMin = 50 * kj::MILLISECONDS;
constexpr auto kRetryDelayMax = 2 * kj::SECONDS;

// What was got from the daemon, for as long as it holds.
struct Connection {
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
  rpc::Session::Client session;
  rpc::Requester::Client requester;
  rpc::Worker::Client worker;

  Connection(kj::Own<kj::AsyncIoStream> of, const std::string& token)
      : stream(kj::mv(of)),
        network(*stream, capnp::rpc::twoparty::Side::CLIENT),
        system(capnp::makeRpcClient(network)),
        session(open_session(token)),
        requester(session.requesterRequest().send().getRequester()),
        worker(session.workerRequest().send().getWorker()) {}

 private:
  rpc::Session::Client open_session(const std::string& token) {
    capnp::MallocMessageBuilder message(4);
    auto server = message.getRoot<capnp::rpc::twoparty::VatId>();
    server.setSide(capnp::rpc::twoparty::Side::SERVER);
    auto request = system.bootstrap(server).castAs<rpc::Gate>().authenticateRequest();
    request.setToken(kj::StringPtr(token.c_str(), token.size()));
    return request.send().getSession();
  }
};

// By pointer, because GCC 12 finds a variant inside of a promise uninitialised.
using Answered = std::shared_ptr<const Answer>;

Answered answered(Answer answer) {
  return std::make_shared<const Answer>(std::move(answer));
}

// Sends one command over a connection.
using Send = std::function<kj::Promise<Answered>(Connection&)>;

// "code: detail" as a daemon refuses whole calls.
Answer refusal(const kj::Exception& error) {
  std::string_view text = error.getDescription().cStr();
  constexpr std::string_view kRemote = "remote exception: ";
  if (text.starts_with(kRemote)) text.remove_prefix(kRemote.size());
  if (error.getType() == kj::Exception::Type::OVERLOADED) {
    return reject("overloaded", "expected room for another call, found the daemon busy");
  }
  const std::size_t colon = text.find(": ");
  if (colon == std::string_view::npos) return UnknownOutcome{std::string(text)};
  return reject(text.substr(0, colon), text.substr(colon + 2));
}

// Of the client's thread alone.
class Link {
 public:
  Link(kj::AsyncIoContext& io, const DaemonAddress& address) : io_(io), address_(address) {}

  kj::Promise<void> connect() {
    return io_.provider->getNetwork()
        .parseAddress(fmt::format("unix:{}", address_.socket.string()).c_str())
        .then([](kj::Own<kj::NetworkAddress>&& address) {
          auto connecting = address->connect();
          return connecting.attach(kj::mv(address));
        })
        .then([this](kj::Own<kj::AsyncIoStream>&& stream) {
          connection_ = kj::heap<Connection>(kj::mv(stream), address_.token);
        });
  }

  kj::Promise<Answered> call(Send send) {
    const kj::Duration patience = static_cast<std::int64_t>(address_.patience.count()) * kj::MILLISECONDS;
    return attempt(kj::mv(send), io_.provider->getTimer().now() + patience, kRetryDelayMin);
  }

 private:
  kj::Promise<Answered> attempt(Send send, kj::TimePoint deadline, kj::Duration delay) {
    kj::Promise<void> connected = connection_.get() == nullptr ? connect() : kj::Promise<void>(kj::READY_NOW);
    return connected.then([this, send] { return send(*connection_); })
        .catch_([this, send, deadline, delay](kj::Exception&& error) -> kj::Promise<Answered> {
          if (error.getType() != kj::Exception::Type::DISCONNECTED) return answered(refusal(error));
          connection_ = nullptr;
          if (io_.provider->getTimer().now() + delay > deadline) {
            return answered(UnknownOutcome{"the daemon was lost while the command was on its way"});
          }
          const kj::Duration longer = kj::min(delay * 2, kRetryDelayMax);
          return io_.provider->getTimer().afterDelay(delay).then(
              [this, send, deadline, longer] { return attempt(send, deadline, longer); });
        });
  }

  kj::AsyncIoContext& io_;
  const DaemonAddress& address_;
  kj::Own<Connection> connection_;
};

class RemoteClient final : public LedgerClient {
 public:
  explicit RemoteClient(DaemonAddress address) : address_(std::move(address)) {
    thread_ = std::thread([this] { run(); });
    try {
      ready_.get_future().get();
    } catch (...) {
      thread_.join();
      throw;
    }
  }
  ~RemoteClient() noexcept override {
    stop_->fulfill();
    thread_.join();
  }

  Answer request(const RunOrder& order, CommandMark mark) override {
    name(mark);
    return call([order, mark](Connection& connection) {
      auto request = connection.requester.requestRequest();
      words::write(request.initOrders(1)[0], order, mark);
      return answer_of(request.send());
    });
  }
  Answer start(const StartAttempt& start, CommandMark mark) override {
    name(mark);
    return call([start, mark](Connection& connection) {
      auto request = connection.worker.startRequest();
      words::write(request.initStarts(1)[0], start, mark);
      return answer_of(request.send());
    });
  }
  Answer heartbeat(const Heartbeat& heartbeat) override {
    return call([heartbeat](Connection& connection) {
      auto request = connection.worker.heartbeatRequest();
      words::write(request.initHeartbeats(1)[0], heartbeat);
      return answer_of(request.send());
    });
  }
  Answer finish(const FinishAttempt& finish, CommandMark mark) override {
    name(mark);
    return call([finish, mark](Connection& connection) {
      auto request = connection.worker.finishRequest();
      words::write(request.initFinishes(1)[0], finish, mark);
      return answer_of(request.send());
    });
  }
  Answer fail(const FailRun& fail, CommandMark mark) override {
    name(mark);
    return call([fail, mark](Connection& connection) {
      if (fail.outcome == RunOutcome::kCancelled) {
        auto request = connection.requester.cancelRequest();
        words::write(request.initCancels(1)[0], fail, mark);
        return answer_of(request.send());
      }
      auto request = connection.worker.failRequest();
      words::write(request.initFailures(1)[0], fail, mark);
      return answer_of(request.send());
    });
  }

 private:
  static void name(CommandMark& mark) {
    if (!mark.id) mark.id = CommandId{random_uuid()};
  }

  template <class Pending>
  static kj::Promise<Answered> answer_of(Pending pending) {
    return pending.then([](auto&& response) {
      if (response.getAnswers().size() != 1) return answered(UnknownOutcome{"expected one answer of the daemon"});
      return answered(words::read(rpc::Answer::Reader(response.getAnswers()[0])));
    });
  }

  Answer call(const Send& send) {
    return *executor_->executeSync([&] { return link_->call(send); });
  }

  void run() {
    auto io = kj::setupAsyncIo();
    Link link(io, address_);
    auto stopping = kj::newPromiseAndCrossThreadFulfiller<void>();
    try {
      link.connect().wait(io.waitScope);
    } catch (const kj::Exception& error) {
      ready_.set_exception(std::make_exception_ptr(
          Failure(Remedy::kRetryLater, "daemon.unreachable",
                  fmt::format("expected a daemon on {}, found none", address_.socket.string()))));
      return;
    }
    link_ = &link;
    executor_ = kj::getCurrentThreadExecutor().addRef();
    stop_ = kj::mv(stopping.fulfiller);
    ready_.set_value();
    stopping.promise.wait(io.waitScope);
  }

  DaemonAddress address_;
  std::promise<void> ready_;
  Link* link_ = nullptr;  // These three are set before ready_ is.
  kj::Own<const kj::Executor> executor_;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<LedgerClient> connect_client(const DaemonAddress& address) {
  return std::make_unique<RemoteClient>(address);
}

}  // namespace runledger
