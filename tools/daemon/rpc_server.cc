// The accept loop, and the limits of a connection.
#include "tools/daemon/rpc_server.h"

#include <capnp/rpc-twoparty.h>
#include <fmt/format.h>
#include <kj/async-io.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <future>
#include <thread>
#include <utility>

#include "ledger/failure.h"
#include "tools/daemon/rpc_capabilities.h"
#include "tools/daemon/rpc_stream.h"
#include "tools/daemon/rpc_threads.h"

namespace runledger {
namespace {

constexpr std::uint64_t kMessageWordsMax = 8ULL * 1024 * 1024 / sizeof(capnp::word);
constexpr int kNestingMax = 16;
constexpr std::size_t kThreads = 4;
constexpr std::size_t kUnfinishedPerCallMax = 4;  // Answers that a caller may hold on to, for each call in flight.
constexpr auto kLookAtCallsEvery = 10 * kj::MILLISECONDS;
constexpr auto kFarewell = 2 * kj::SECONDS;

bool is_owner(kj::AsyncIoStream& stream) {
  ucred peer{};
  kj::uint size = sizeof(peer);
  stream.getsockopt(SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return size == sizeof(peer) && (peer.uid == ::geteuid() || peer.uid == 0);
}

// Accepts, and serves until the other end is gone.
class Acceptor : private kj::TaskSet::ErrorHandler {
 public:
  Acceptor(kj::ConnectionReceiver& receiver, kj::Timer& timer, const RpcServer::Options& options, const Gate& gate)
      : receiver_(receiver), timer_(timer), options_(options), gate_(gate), connections_(*this) {}

  kj::Promise<void> accept() {
    return receiver_.accept().then([this](kj::Own<kj::AsyncIoStream>&& stream) {
      if (open_ < options_.connections_max) {
        connections_.add(serve(kj::mv(stream)));
      } else if (options_.watch != nullptr) {
        options_.watch->connection_refused(Way::kRpc, options_.connections_max);
      }
      return accept();
    });
  }

  // Once no call is under way.
  kj::Promise<void> finished() {
    if (calls_ == 0) return kj::READY_NOW;
    return timer_.afterDelay(kLookAtCallsEvery).then([this] { return finished(); });
  }

 private:
  struct Served {
    kj::Own<kj::AsyncIoStream> stream;
    RpcStream messages;
    capnp::TwoPartyVatNetwork network;
    capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;

    Served(kj::Own<kj::AsyncIoStream> of, std::size_t unfinished_max, rpc::Gate::Client gate,
           const capnp::ReaderOptions& limits)
        : stream(kj::mv(of)),
          messages(*stream, unfinished_max),
          network(messages, capnp::rpc::twoparty::Side::SERVER, limits),
          system(capnp::makeRpcServer(network, kj::mv(gate))) {
      system.setFlowLimit(kMessageWordsMax);
    }
  };

  kj::Promise<void> serve(kj::Own<kj::AsyncIoStream> stream) {
    capnp::ReaderOptions limits;
    limits.traversalLimitInWords = kMessageWordsMax;
    limits.nestingLimit = kNestingMax;
    auto gate = make_gate({.gate = gate_,
                           .is_owner = is_owner(*stream),
                           .calls_max = options_.calls_max,
                           .calls_of_all = calls_,
                           .threads = threads_,
                           .watch = options_.watch},
                          timer_);
    auto served = kj::heap<Served>(kj::mv(stream), options_.calls_max * kUnfinishedPerCallMax, kj::mv(gate), limits);
    ++open_;
    if (options_.watch != nullptr) options_.watch->connection_opened(Way::kRpc);
    auto disconnected = served->network.onDisconnect();
    return disconnected.attach(kj::mv(served), kj::defer([this] {
                                 --open_;
                                 if (options_.watch != nullptr) options_.watch->connection_closed(Way::kRpc);
                               }));
  }

  void taskFailed(kj::Exception&&) override {}  // Of one connection, which is closed by that.

  kj::ConnectionReceiver& receiver_;
  kj::Timer& timer_;
  RpcServer::Options options_;
  const Gate& gate_;
  std::size_t open_ = 0;
  std::size_t calls_ = 0;
  RpcThreads threads_{kThreads};
  kj::TaskSet connections_;
};

// A listening unix socket. By hand, because the mode has to be right before anybody can connect.
int listen_on(const std::filesystem::path& path) {
  const auto refuse = [&](std::string_view found) {
    throw Failure(Remedy::kCorrectInput, "listen.failed",
                  fmt::format("expected to listen on {}, found: {}", path.string(), found));
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(address.sun_path)) refuse("a path of more than 107 bytes");
  path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ::unlink(path.c_str());  // Of an earlier daemon: this one holds the ledger, so that one is gone.
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  const int bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int error = errno;
  ::umask(before);
  if (bound != 0 || ::listen(listener, SOMAXCONN) != 0) {
    ::close(listener);
    refuse(std::generic_category().message(bound != 0 ? error : errno));
  }
  return listener;
}

}  // namespace

struct RpcServer::Content {
  Options options;
  const Gate& gate;
  int listener;
  std::promise<kj::Own<kj::CrossThreadPromiseFulfiller<void>>> stop_handle;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop;
  std::thread thread;

  Content(const Options& of, const Gate& through) : options(of), gate(through), listener(listen_on(of.socket)) {
    thread = std::thread([this] { run(); });
    stop = stop_handle.get_future().get();
  }
  ~Content() {
    stop->fulfill();
    thread.join();
    ::unlink(options.socket.c_str());
  }

  void run() {
    auto io = kj::setupAsyncIo();
    auto stopping = kj::newPromiseAndCrossThreadFulfiller<void>();
    auto receiver = io.lowLevelProvider->wrapListenSocketFd(
        listener, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                      kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
    Acceptor acceptor(*receiver, io.provider->getTimer(), options, gate);
    stop_handle.set_value(kj::mv(stopping.fulfiller));
    acceptor.accept().exclusiveJoin(kj::mv(stopping.promise)).wait(io.waitScope);
    acceptor.finished().exclusiveJoin(io.provider->getTimer().afterDelay(kFarewell)).wait(io.waitScope);
  }
};

RpcServer::RpcServer(const Options& options, const Gate& gate) : content_(std::make_unique<Content>(options, gate)) {}

RpcServer::~RpcServer() = default;

}  // namespace runledger
