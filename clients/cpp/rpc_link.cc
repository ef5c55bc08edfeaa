// The event loop of a link, its one connection, and the rules for repeating a call.
//
// The constructor of Impl starts a thread that sets up KJ's event loop, connects once, and reports success or the
// reason of the failure through `ready`. Then the thread runs the loop until `stop` is fulfilled. All KJ objects belong
// to that thread. call() runs on the caller's thread: executeSync() starts Loop::call() on the loop and blocks until
// its promise is resolved; many callers can wait at the same time over one connection.
//
// Loop::attempt() is one try: connected() returns the present connection, or dials (all callers share one dialling
// promise); then `send` makes the request, joined with a timer for the answer. An error of type DISCONNECTED drops the
// connection and, after a doubling delay, leads to another attempt, until the limit for connections or for answers has
// passed. Any other error is the daemon's answer, which refusal() translates.
//
// Whether a command may have reached the daemon decides between "daemon.unreachable" (not sent) and Lost. `is_sent`
// becomes true once a request is written to a connection that was not known to be closed, and stays true.
//
// A stale callback must not drop a newer connection: each try keeps the connection that it used, and clears connection_
// only if it is still the same. The capabilities of a lost connection go with it.
//
// TLS errors come as OpenSSL's text. Those that a repeat cannot mend become "daemon.untrusted" or "daemon.untrusting";
// all others count as a lost connection.
#include "clients/cpp/rpc_link.h"

#include <capnp/rpc-twoparty.h>
#include <fmt/format.h>
#include <kj/async-io.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <future>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "clients/cpp/command_wire.h"
#include "clients/cpp/gathered_writes.h"
#include "clients/cpp/read_ahead.h"
#include "clients/cpp/rpc_tls.h"
#include "ledger/base/retry.h"
#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

// The first delay is short, because a running daemon accepts a new connection immediately.
constexpr RetryDelays kReconnect{.first = std::chrono::milliseconds(5), .max = std::chrono::seconds(2)};
constexpr auto kDialMax = 10 * kj::SECONDS;  // The system's own timeout is about two minutes.
constexpr auto kHandshakeMax = 10 * kj::SECONDS;

kj::Duration to_kj(std::chrono::milliseconds time) {
  return static_cast<std::int64_t>(time.count()) * kj::MILLISECONDS;
}

// Returns the value of `kept`, which `ask` makes at the first call.
template <class Client, class Ask>
Client& kept_or_asked(kj::Maybe<Client>& kept, const Ask& ask) {
  KJ_IF_MAYBE (client, kept) return *client;
  return kept.emplace(ask());
}

// One connection to the daemon, with the capabilities that were requested over it.
struct Connection {
  GatheredWrites stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
  RpcLink::Capabilities capabilities;
  bool is_over = false;  // The daemon has closed it: a request is not sent, but fails with the reason.

  Connection(kj::Own<kj::AsyncIoStream> of, const std::string& token)
      : stream(kj::heap<ReadAhead>(kj::mv(of))),
        network(stream, capnp::rpc::twoparty::Side::CLIENT),
        system(capnp::makeRpcClient(network)),
        capabilities(open_session(token)),
        watching(network.onDisconnect().then([this] { is_over = true; }).eagerlyEvaluate(nullptr)) {}

 private:
  kj::Promise<void> watching;

  rpc::Session::Client open_session(const std::string& token) {
    capnp::MallocMessageBuilder message(4);
    auto server = message.getRoot<capnp::rpc::twoparty::VatId>();
    server.setSide(capnp::rpc::twoparty::Side::SERVER);
    auto request = system.bootstrap(server).castAs<rpc::Gate>().authenticateRequest();
    request.setToken(kj::StringPtr(token.c_str(), token.size()));
    return request.send().getSession();
  }
};

// A pointer, because GCC 12 warns that a variant inside a promise may be uninitialised.
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
  const auto why = wire::read_refusal(text);
  if (const auto* failure = std::get_if<Failure>(&why)) return *failure;
  return std::get<Rejection>(why);
}

kj::Exception lost(std::string_view what) {
  return {kj::Exception::Type::DISCONNECTED, __FILE__, __LINE__, kj::heapString(what.data(), what.size())};
}

kj::Exception refused(std::string_view code, const std::string& what) {
  const std::string text = wire::refusal_text(Failure(Remedy::kCorrectInput, code, what));
  return {kj::Exception::Type::FAILED, __FILE__, __LINE__, kj::heapString(text.c_str(), text.size())};
}

bool says(const kj::Exception& error, std::string_view text) {
  return std::string_view(error.getDescription().cStr()).find(text) != std::string_view::npos;
}

// Whether the peer ended TLS with an alert, which has a reason. Only OpenSSL's text shows this.
bool is_alert(const kj::Exception& error) {
  return says(error, "SSL routines:") && says(error, " alert ");
}

kj::Exception untrusting(const kj::Exception& error, const DaemonAddress& address) {
  return refused("daemon.untrusting", fmt::format("expected the daemon on {} to take our certificate, found: {}",
                                                  address.str(), error.getDescription().cStr()));
}

// Translates the error of a failed handshake. A handshake that was cut off or took too long may succeed the next time.
kj::Exception why_no_handshake(const kj::Exception& error, const DaemonAddress& address) {
  const bool ended = says(error, "unexpected eof") || says(error, "disconnected during");
  if (ended || error.getType() != kj::Exception::Type::FAILED) return lost(error.getDescription().cStr());
  if (is_alert(error)) return untrusting(error, address);
  return refused("daemon.untrusted",
                 fmt::format("expected the daemon on {} to show a certificate for {} that can be trusted, found: {}",
                             address.str(), address.endpoint.host, error.getDescription().cStr()));
}

kj::Exception forbidden(const DaemonAddress& address) {
  return refused("daemon.not_permitted",
                 fmt::format("expected to be permitted to use {}, which is for its owner: others call by tls:HOST:PORT",
                             address.str()));
}

std::string dialled(const DaemonAddress& address) {
  return address.socket.empty() ? address.endpoint.str() : address.str();
}

kj::Promise<kj::Own<kj::AsyncIoStream>> dial(kj::AsyncIoContext& io, const DaemonAddress& address) {
  return io.provider->getNetwork()
      .parseAddress(dialled(address).c_str())
      .then([&io](kj::Own<kj::NetworkAddress>&& found) {
        auto connecting = found->connect();
        return io.provider->getTimer().timeoutAfter(kDialMax, connecting.attach(kj::mv(found)));
      })
      .catch_([&address](kj::Exception&& error) -> kj::Promise<kj::Own<kj::AsyncIoStream>> {
        if (says(error, std::generic_category().message(EACCES))) return forbidden(address);
        return lost(error.getDescription().cStr());  // All other errors mean the same: no daemon is there.
      });
}

// Dials and, unless `tls` is null, performs the TLS handshake.
kj::Promise<kj::Own<kj::AsyncIoStream>> open_stream(kj::AsyncIoContext& io, const DaemonAddress& address,
                                                    kj::TlsContext* tls) {
  if (tls == nullptr) return dial(io, address);
  return dial(io, address).then([&io, &address, tls](kj::Own<kj::AsyncIoStream>&& stream) {
    return io.provider->getTimer()
        .timeoutAfter(kHandshakeMax, tls->wrapClient(kj::mv(stream), address.endpoint.host.c_str()))
        .then([&io](kj::Own<kj::AsyncIoStream>&& secured) {
          return with_tls_reason(kj::mv(secured), io.provider->getTimer());
        })
        .catch_([&address](kj::Exception&& error) -> kj::Promise<kj::Own<kj::AsyncIoStream>> {
          return why_no_handshake(error, address);
        });
  });
}

Failure unreachable(const DaemonAddress& address) {
  return {Remedy::kRetryLater, "daemon.unreachable", fmt::format("expected a daemon on {}, found none", address.str())};
}

Failure why_not_connected(const kj::Exception& error, const DaemonAddress& address) {
  if (error.getType() != kj::Exception::Type::DISCONNECTED) {
    const RpcLink::Outcome why = refusal(error);
    if (const auto* failure = std::get_if<Failure>(&why)) return *failure;
  }
  return unreachable(address);
}

// The connection and the calls over it. Used on the link's thread only.
class Loop {
 public:
  // Nothing is owned; all must outlive the loop. Null `tls`: connections are not encrypted.
  Loop(kj::AsyncIoContext& io, const DaemonAddress& address, kj::TlsContext* tls)
      : io_(io), address_(address), tls_(tls) {}

  kj::Promise<void> connected() {
    if (connection_) return kj::READY_NOW;
    KJ_IF_MAYBE (connecting, connecting_) return connecting->addBranch();
    auto connecting = open_stream(io_, address_, tls_)
                          .then([this](kj::Own<kj::AsyncIoStream>&& stream) {
                            connection_ = std::make_shared<Connection>(kj::mv(stream), address_.token);
                            connecting_ = nullptr;
                          })
                          .catch_([this](kj::Exception&& error) {
                            connecting_ = nullptr;
                            kj::throwFatalException(kj::mv(error));
                          })
                          .fork();
    auto branch = connecting.addBranch();
    connecting_ = kj::mv(connecting);
    return branch;
  }

  struct Limits {
    kj::TimePoint connected;  // The end of attempts to reconnect.
    kj::TimePoint answered;   // The end of the wait for an answer.
  };
  // A request, and whether it may have reached the daemon.
  struct Sending {
    const RpcLink::Send& send;
    bool is_sent = false;
  };
  // `sending` is not owned and must outlive the promise.
  kj::Promise<Ended> call(Sending& sending, kj::Duration timeout, kj::Duration answer_within) {
    const kj::TimePoint now = io_.provider->getTimer().now();
    return attempt(sending, {.connected = now + timeout, .answered = now + answer_within}, 1);
  }

 private:
  kj::Promise<Ended> attempt(Sending& sending, Limits limits, unsigned tries) {
    return connected()
        .then([this, &sending, limits] {
          const std::shared_ptr<Connection> used = connection_;
          sending.is_sent = sending.is_sent || !used->is_over;
          return sending.send(used->capabilities)
              .exclusiveJoin(silence(limits))
              .catch_([this, used](kj::Exception&& error) {
                const bool ended = error.getType() == kj::Exception::Type::DISCONNECTED;
                if (ended && connection_ == used) connection_ = nullptr;
                // With TLS 1.3 a client may send requests before the daemon has checked the client's certificate.
                kj::throwFatalException(ended && is_alert(error) ? untrusting(error, address_) : kj::mv(error));
              });
        })
        .then([] { return ended(RpcLink::Done{}); })
        .catch_([this, &sending, limits, tries](kj::Exception&& error) -> kj::Promise<Ended> {
          if (error.getType() != kj::Exception::Type::DISCONNECTED) return ended(refusal(error));
          kj::Timer& timer = io_.provider->getTimer();
          const kj::Duration delay = to_kj(kReconnect.after(tries));
          if (timer.now() + delay > kj::min(limits.connected, limits.answered)) return ended(RpcLink::Lost{});
          return timer.afterDelay(delay).then(
              [this, &sending, limits, tries] { return attempt(sending, limits, tries + 1); });
        });
  }

  // Fails when the time for an answer is up, so that a daemon that hangs does not make its callers hang.
  kj::Promise<void> silence(Limits limits) {
    return io_.provider->getTimer().atTime(limits.answered).then([]() -> kj::Promise<void> {
      return lost("no answer came in time");
    });
  }

  kj::AsyncIoContext& io_;
  const DaemonAddress& address_;
  kj::TlsContext* tls_;
  std::shared_ptr<Connection> connection_;
  kj::Maybe<kj::ForkedPromise<void>> connecting_;
};

}  // namespace

rpc::Requester::Client& RpcLink::Capabilities::requester() {
  return kept_or_asked(requester_, [this] { return session_.requesterRequest().send().getRequester(); });
}

rpc::Worker::Client& RpcLink::Capabilities::worker() {
  return kept_or_asked(worker_, [this] { return session_.workerRequest().send().getWorker(); });
}

rpc::Auditor::Client& RpcLink::Capabilities::auditor() {
  return kept_or_asked(auditor_, [this] { return session_.auditorRequest().send().getAuditor(); });
}

rpc::Reader::Client& RpcLink::Capabilities::reader() {
  return kept_or_asked(reader_, [this] { return session_.readerRequest().send().getReader(); });
}

rpc::Operator::Client& RpcLink::Capabilities::operate() {
  return kept_or_asked(operator_, [this] { return session_.operateRequest().send().getOperator(); });
}

struct RpcLink::Impl {
  DaemonAddress address;
  std::promise<void> ready;
  Loop* loop = nullptr;  // The thread sets this and the next two before it fulfils `ready`.
  kj::Own<const kj::Executor> executor;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop;
  std::thread thread;

  explicit Impl(DaemonAddress of) : address(std::move(of)) {
    thread = std::thread([this] { run(); });
    try {
      ready.get_future().get();
    } catch (...) {
      thread.join();
      throw;
    }
  }
  ~Impl() {
    stop->fulfill();
    thread.join();
  }

  void run() {
    name_thread("rpc-link");
    try {
      auto io = kj::setupAsyncIo();
      serve(io);
    } catch (const kj::Exception& error) {
      ready.set_exception(std::make_exception_ptr(
          Failure(Remedy::kRetryLater, "system.exhausted",
                  fmt::format("expected the system to give a connection its event loop, found: {}",
                              error.getDescription().cStr()))));
    }
  }

  // Runs the loop until `stop` is fulfilled. Reports all errors through `ready`, so no KJ exception leaves it.
  void serve(kj::AsyncIoContext& io) {
    const QuietTls quiet;
    kj::Own<kj::TlsContext> tls;
    std::optional<Loop> own;
    auto stopping = kj::newPromiseAndCrossThreadFulfiller<void>();
    try {
      if (address.tls) tls = make_tls_context(read_tls(*address.tls), TlsSide::kClient);
      own.emplace(io, address, tls.get());
      own->connected().wait(io.waitScope);
    } catch (const kj::Exception& error) {
      return ready.set_exception(std::make_exception_ptr(why_not_connected(error, address)));
    } catch (const Failure&) {
      return ready.set_exception(std::current_exception());
    }
    loop = &*own;
    executor = kj::getCurrentThreadExecutor().addRef();
    stop = kj::mv(stopping.fulfiller);
    ready.set_value();
    stopping.promise.wait(io.waitScope);
  }
};

RpcLink::RpcLink(DaemonAddress address) : impl_(std::make_unique<Impl>(std::move(address))) {}

RpcLink::~RpcLink() = default;

const DaemonAddress& RpcLink::address() const noexcept {
  return impl_->address;
}

RpcLink::Outcome RpcLink::call(const Send& send, std::chrono::milliseconds timeout, std::chrono::milliseconds pause) {
  const kj::Duration answer_within = to_kj(std::max(timeout, address().timeout) + pause);
  Loop::Sending sending{.send = send};
  const Ended outcome =
      impl_->executor->executeSync([&] { return impl_->loop->call(sending, to_kj(timeout), answer_within); });
  if (std::holds_alternative<Lost>(*outcome) && !sending.is_sent) return unreachable(address());
  return *outcome;
}

std::string DaemonAddress::str() const {
  if (!socket.empty()) return fmt::format("unix:{}", socket.string());
  return fmt::format("{}:{}", tls ? "tls" : "tcp", endpoint.str());
}

std::shared_ptr<RpcLink> connect_link(const DaemonAddress& address) {
  return std::make_shared<RpcLink>(address);
}

void RpcLink::need_done(const Outcome& outcome, const Failure& lost) {
  if (const auto* failure = std::get_if<Failure>(&outcome)) throw *failure;
  if (const auto* rejection = std::get_if<Rejection>(&outcome))
    throw Failure(Remedy::kCorrectInput, rejection->code, rejection->detail.str());
  if (std::holds_alternative<Lost>(outcome)) throw lost;
}

}  // namespace runledger
