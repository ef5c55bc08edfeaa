// The thread of the event loop: its listener, from the first to the orderly end.
#include "tools/daemon/rpc_server.h"

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
#include "tools/daemon/rpc_acceptor.h"

namespace runledger {
namespace {

constexpr auto kFarewell = 2 * kj::SECONDS;

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
    RpcAcceptor acceptor(io.provider->getTimer(), options, gate);
    stop_handle.set_value(kj::mv(stopping.fulfiller));
    acceptor.accept(*receiver)
        .exclusiveJoin(acceptor.watch())
        .exclusiveJoin(kj::mv(stopping.promise))
        .wait(io.waitScope);
    acceptor.finished().exclusiveJoin(io.provider->getTimer().afterDelay(kFarewell)).wait(io.waitScope);
  }
};

RpcServer::RpcServer(const Options& options, const Gate& gate) : content_(std::make_unique<Content>(options, gate)) {}

RpcServer::~RpcServer() = default;

}  // namespace runledger
