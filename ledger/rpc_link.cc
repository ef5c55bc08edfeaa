// The event loop, its one connection, and when to try again.
#include "ledger/rpc_link.h"

#include <capnp/rpc-twoparty.h>
#include <fmt/format.h>
#include <kj/async-io.h>

#include <future>
#include <thread>
#include <utility>

#include "ledger/rpc_words.h"

namespace runledger {
namespace {

constexpr auto kRetryDelayMin = 5 * kj::MILLISECONDS;  // A daemon that is there takes a new connection at once.
constexpr auto kRetryDelayMax = 2 * kj::SECONDS;

kj::Promise<kj::Own<kj::AsyncIoStream>> open_stream(kj::AsyncIoContext& io, const DaemonAddress& address) {
  return io.provider->getNetwork()
      .parseAddress(fmt::format("unix:{}", address.socket.string()).c_str())
      .then([](kj::Own<kj::NetworkAddress>&& found) {
        auto connecting = found->connect();
        return connecting.attach(kj::mv(found));
      });
}

// What was got from the daemon, for as long as it holds.
struct Connection {
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
  rpc::Session::Client session;
  RpcLink::Capabilities capabilities;

  Connection(kj::Own<kj::AsyncIoStream> of, const std::string& token)
      : stream(kj::mv(of)),
        network(*stream, capnp::rpc::twoparty::Side::CLIENT),
        system(capnp::makeRpcClient(network)),
        session(open_session(token)),
        capabilities{.requester = session.requesterRequest().send().getRequester(),
                     .worker = session.workerRequest().send().getWorker(),
                     .auditor = session.auditorRequest().send().getAuditor(),
                     .reader = session.readerRequest().send().getReader()} {}

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
using Ended = std::shared_ptr<const RpcLink::Outcome>;

Ended ended(RpcLink::Outcome outcome) {
  return std::make_shared<const RpcLink::Outcome>(std::move(outcome));
}

RpcLink::Outcome refusal(const kj::Exception& error) {
  std::string_view text = error.getDescription().cStr();
  constexpr std::string_view kRemote = "remote exception: ";
  if (text.starts_with(kRemote)) text.remove_prefix(kRemote.size());
  if (error.getType() == kj::Exception::Type::OVERLOADED) {
    return reject("overloaded", "expected room for another call, found the daemon busy");
  }
  const auto why = words::read_refusal(text);
  if (const auto* failure = std::get_if<Failure>(&why)) return *failure;
  return std::get<Rejection>(why);
}

// Of the link's thread alone.
class Loop {
 public:
  Loop(kj::AsyncIoContext& io, const DaemonAddress& address) : io_(io), address_(address) {}

  kj::Promise<void> connected() {
    if (connection_) return kj::READY_NOW;
    KJ_IF_MAYBE (connecting, connecting_) return connecting->addBranch();
    auto connecting =
        open_stream(io_, address_)
            .then(
                [this](kj::Own<kj::AsyncIoStream>&& stream) {
                  connection_ = std::make_shared<Connection>(kj::mv(stream), address_.token);
                  connecting_ = nullptr;
                },
                [this](kj::Exception&& error) {
                  connecting_ = nullptr;
                  // Whatever the system calls it: nobody is there.
                  kj::throwFatalException(kj::Exception(kj::Exception::Type::DISCONNECTED, __FILE__, __LINE__,
                                                        kj::heapString(error.getDescription())));
                })
            .fork();
    auto branch = connecting.addBranch();
    connecting_ = kj::mv(connecting);
    return branch;
  }

  kj::Promise<Ended> call(const RpcLink::Send& send, kj::Duration patience) {
    return attempt(send, io_.provider->getTimer().now() + patience, kRetryDelayMin);
  }

 private:
  kj::Promise<Ended> attempt(const RpcLink::Send& send, kj::TimePoint deadline, kj::Duration delay) {
    return connected()
        .then([this, &send] {
          const std::shared_ptr<Connection> used = connection_;
          return send(used->capabilities).catch_([this, used](kj::Exception&& error) {
            const bool lost = error.getType() == kj::Exception::Type::DISCONNECTED;
            if (lost && connection_ == used) connection_ = nullptr;
            kj::throwFatalException(kj::mv(error));
          });
        })
        .then([] { return ended(RpcLink::Done{}); })
        .catch_([this, &send, deadline, delay](kj::Exception&& error) -> kj::Promise<Ended> {
          if (error.getType() != kj::Exception::Type::DISCONNECTED) return ended(refusal(error));
          kj::Timer& timer = io_.provider->getTimer();
          if (timer.now() + delay > deadline) return ended(RpcLink::Lost{});
          const kj::Duration longer = kj::min(delay * 2, kRetryDelayMax);
          return timer.afterDelay(delay).then(
              [this, &send, deadline, longer] { return attempt(send, deadline, longer); });
        });
  }

  kj::AsyncIoContext& io_;
  const DaemonAddress& address_;
  std::shared_ptr<Connection> connection_;
  kj::Maybe<kj::ForkedPromise<void>> connecting_;
};

}  // namespace

struct RpcLink::Content {
  DaemonAddress address;
  std::promise<void> ready;
  Loop* loop = nullptr;  // These three are set before it is ready.
  kj::Own<const kj::Executor> executor;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop;
  std::thread thread;

  explicit Content(DaemonAddress of) : address(std::move(of)) {
    thread = std::thread([this] { run(); });
    try {
      ready.get_future().get();
    } catch (...) {
      thread.join();
      throw;
    }
  }
  ~Content() {
    stop->fulfill();
    thread.join();
  }

  void run() {
    auto io = kj::setupAsyncIo();
    Loop own(io, address);
    auto stopping = kj::newPromiseAndCrossThreadFulfiller<void>();
    try {
      own.connected().wait(io.waitScope);
    } catch (const kj::Exception& error) {
      ready.set_exception(std::make_exception_ptr(
          Failure(Remedy::kRetryLater, "daemon.unreachable",
                  fmt::format("expected a daemon on {}, found none", address.socket.string()))));
      return;
    }
    loop = &own;
    executor = kj::getCurrentThreadExecutor().addRef();
    stop = kj::mv(stopping.fulfiller);
    ready.set_value();
    stopping.promise.wait(io.waitScope);
  }
};

RpcLink::RpcLink(DaemonAddress address) : content_(std::make_unique<Content>(std::move(address))) {}

RpcLink::~RpcLink() = default;

const DaemonAddress& RpcLink::address() const noexcept {
  return content_->address;
}

RpcLink::Outcome RpcLink::call(const Send& send, std::chrono::milliseconds patience) {
  const kj::Duration most = static_cast<std::int64_t>(patience.count()) * kj::MILLISECONDS;
  return *content_->executor->executeSync([&] { return content_->loop->call(send, most); });
}

std::shared_ptr<RpcLink> connect_link(const DaemonAddress& address) {
  return std::make_shared<RpcLink>(address);
}

}  // namespace runledger
