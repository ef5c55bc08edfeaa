// The thread of the event loop, from its listeners to its orderly end.
//
// The constructor does everything that can fail on the calling thread: it makes the TLS context and all listening
// sockets, the unix socket last, so that its path appears only when the server is certain to start. Then it starts the
// thread and waits until the event loop has published the handles by which it can be stopped and given work.
//
// run() owns the event loop and every KJ object, all of which belong to this one thread. It builds one RpcAcceptor for
// all listeners and joins three kinds of promises that never end by themselves: accept() for each listener, watch() for
// the deadlines, and the stop promise. The first one that ends, normally the stop, destroys the others, and with them
// the accepting. Connections live on in the acceptor, so calls under way can still be answered: the loop runs on until
// the last of them is finished, or two seconds are over. Then the acceptor is destroyed, which closes all connections.
//
// The path of the unix socket is removed at the end, but only if it is still the file that this server made (device and
// inode are compared): another process may have put its own socket there.
#include "tools/daemon/rpc/server.h"

#include <kj/async-io.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <future>
#include <thread>

#include "clients/cpp/rpc_tls.h"
#include "ledger/base/thread_name.h"
#include "tools/daemon/listen.h"
#include "tools/daemon/rpc/acceptor.h"

namespace runledger {
namespace {

constexpr auto kShutdownTimeMax = 2 * kj::SECONDS;

}  // namespace

struct RpcServer::Impl {
  Options options;
  const Authenticator& authenticator;
  kj::Own<kj::TlsContext> tls;
  std::vector<Descriptor> listeners;  // In the order of options.endpoints; the unix socket is last.
  struct stat made {};                // Identifies the unix socket that this server made.
  // What other threads need to reach the event loop.
  struct Handles {
    kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop;
    kj::Own<const kj::Executor> loop;
  };
  std::promise<Handles> published;
  Handles handles;
  std::deque<RpcListener> doors;  // Used by the event loop's thread only.
  std::thread thread;

  Impl(const Options& of, const Authenticator& through) : options(of), authenticator(through) {
    if (options.tls) tls = make_tls_context(*options.tls, TlsSide::kServer);
    for (Endpoint& endpoint : options.endpoints) {
      listeners.push_back(listen_on(endpoint));
      endpoint.port = port_of(listeners.back().get());
    }
    listeners.push_back(listen_on(options.socket, options.socket_group));
    (void)::lstat(options.socket.c_str(), &made);
    thread = std::thread([this] { run(); });
    handles = published.get_future().get();
  }
  ~Impl() {
    handles.stop->fulfill();
    thread.join();
    remove_socket();
  }

  // A connection keeps the context with which it began: OpenSSL counts who uses it.
  void replace_tls(const TlsIdentity& identity) {
    kj::Own<kj::TlsContext> fresh = make_tls_context(identity, TlsSide::kServer);
    handles.loop->executeSync([&] {
      for (RpcListener& door : doors) {
        if (door.is_tcp) door.tls = fresh.get();
      }
      std::swap(tls, fresh);
    });
  }

  // Removes the unix socket, unless another file has replaced it.
  void remove_socket() const {
    struct stat found {};
    if (::lstat(options.socket.c_str(), &found) != 0) return;
    if (found.st_dev == made.st_dev && found.st_ino == made.st_ino) ::unlink(options.socket.c_str());
  }

  void run() {
    name_thread("rpc");
    const QuietTls quiet;
    auto io = kj::setupAsyncIo();
    auto stopping = kj::newPromiseAndCrossThreadFulfiller<void>();
    KJ_DEFER(doors.clear());  // On this thread, and after the acceptor.
    RpcAcceptor acceptor(io.provider->getTimer(), options, authenticator);
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
    published.set_value({kj::mv(stopping.fulfiller), kj::getCurrentThreadExecutor().addRef()});
    serving.exclusiveJoin(kj::mv(stopping.promise)).wait(io.waitScope);
    acceptor.finished().exclusiveJoin(io.provider->getTimer().afterDelay(kShutdownTimeMax)).wait(io.waitScope);
  }
};

RpcServer::RpcServer(const Options& options, const Authenticator& authenticator)
    : impl_(std::make_unique<Impl>(options, authenticator)) {}

RpcServer::~RpcServer() = default;

const std::vector<Endpoint>& RpcServer::endpoints() const noexcept {
  return impl_->options.endpoints;
}

void RpcServer::replace_tls(const TlsIdentity& identity) {
  impl_->replace_tls(identity);
}

void RpcServer::begin_stop() {
  impl_->handles.stop->fulfill();
}

}  // namespace runledger
