// The thread of the event loop: its listeners, from the first to the orderly end.
#include "tools/daemon/rpc/server.h"

#include <kj/async-io.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <future>
#include <thread>
#include <utility>

#include "clients/cpp/rpc_tls.h"
#include "tools/daemon/listen.h"
#include "tools/daemon/rpc/acceptor.h"

namespace runledger {
namespace {

constexpr auto kFarewell = 2 * kj::SECONDS;

}  // namespace

struct RpcServer::Impl {
  Options options;
  const Authenticator& gate;
  kj::Own<kj::TlsContext> tls;
  std::vector<Descriptor> listeners;  // The socket's last, so that it is only made where nothing can fail any more.
  struct stat made {};                // The socket, as it was made.
  std::promise<kj::Own<kj::CrossThreadPromiseFulfiller<void>>> stop_handle;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop;
  std::thread thread;

  Impl(const Options& of, const Authenticator& through) : options(of), gate(through) {
    if (options.tls) tls = make_tls_context(*options.tls, TlsSide::kServer);
    for (Endpoint& endpoint : options.endpoints) {
      listeners.push_back(listen_on(endpoint));
      endpoint.port = port_of(listeners.back().get());
    }
    listeners.push_back(listen_on(options.socket));
    (void)::lstat(options.socket.c_str(), &made);
    thread = std::thread([this] { run(); });
    stop = stop_handle.get_future().get();
  }
  ~Impl() {
    stop->fulfill();
    thread.join();
    remove_socket();
  }

  // Unless somebody has put something else there.
  void remove_socket() const {
    struct stat found {};
    if (::lstat(options.socket.c_str(), &found) != 0) return;
    if (found.st_dev == made.st_dev && found.st_ino == made.st_ino) ::unlink(options.socket.c_str());
  }

  void run() {
    const QuietTls quiet;
    auto io = kj::setupAsyncIo();
    auto stopping = kj::newPromiseAndCrossThreadFulfiller<void>();
    std::deque<RpcDoor> doors;
    RpcAcceptor acceptor(io.provider->getTimer(), options, gate);
    kj::Promise<void> serving = acceptor.watch();
    for (Descriptor& listener : listeners) {
      const bool is_tcp = doors.size() < options.endpoints.size();
      doors.push_back({.receiver = io.lowLevelProvider->wrapListenSocketFd(
                           listener.release(), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                                                   kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                                                   kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK),
                       .is_tcp = is_tcp,
                       .tls = is_tcp ? tls.get() : nullptr});
      serving = serving.exclusiveJoin(acceptor.accept(doors.back()));
    }
    stop_handle.set_value(kj::mv(stopping.fulfiller));
    serving.exclusiveJoin(kj::mv(stopping.promise)).wait(io.waitScope);
    acceptor.finished().exclusiveJoin(io.provider->getTimer().afterDelay(kFarewell)).wait(io.waitScope);
  }
};

RpcServer::RpcServer(const Options& options, const Authenticator& gate)
    : impl_(std::make_unique<Impl>(options, gate)) {}

RpcServer::~RpcServer() = default;

const std::vector<Endpoint>& RpcServer::endpoints() const noexcept {
  return impl_->options.endpoints;
}

void RpcServer::begin_stop() {
  impl_->stop->fulfill();
}

}  // namespace runledger
