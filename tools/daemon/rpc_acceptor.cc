// The accept loop, and what a connection may take up.
#include "tools/daemon/rpc_acceptor.h"

#include <capnp/rpc-twoparty.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tools/daemon/rpc_capabilities.h"
#include "tools/daemon/rpc_connection.h"
#include "tools/daemon/rpc_stream.h"

namespace runledger {
namespace {

constexpr std::uint64_t kMessageWordsMax = 8ULL * 1024 * 1024 / sizeof(capnp::word);
constexpr int kNestingMax = 16;
constexpr std::size_t kThreads = 4;
constexpr std::size_t kUnfinishedPerCallMax = 4;  // Answers that a caller may hold on to, for each call in flight.
constexpr auto kLookAtCallsEvery = 10 * kj::MILLISECONDS;
constexpr auto kLookAtAllEveryMin = 10 * kj::MILLISECONDS;
constexpr auto kLookAtAllEveryMax = 250 * kj::MILLISECONDS;
constexpr auto kAcceptAgainAfter = 100 * kj::MILLISECONDS;  // When there is no descriptor left, for example.

kj::Duration duration_of(std::chrono::milliseconds time) {
  return static_cast<std::int64_t>(time.count()) * kj::MILLISECONDS;
}

bool is_owner(kj::AsyncIoStream& stream) {
  ucred peer{};
  kj::uint size = sizeof(peer);
  stream.getsockopt(SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return size == sizeof(peer) && (peer.uid == ::geteuid() || peer.uid == 0);
}

capnp::ReaderOptions message_limits() {
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = kMessageWordsMax;
  limits.nestingLimit = kNestingMax;
  return limits;
}

}  // namespace

struct RpcAcceptor::Served {
  RpcAcceptor& acceptor;
  kj::Own<Connection> connection;
  kj::TimePoint since;
  kj::Own<kj::PromiseFulfiller<void>> cut;  // Ends it.
  RpcBytes bytes;
  RpcStream messages;
  capnp::TwoPartyVatNetwork network{messages, capnp::rpc::twoparty::Side::SERVER, message_limits()};
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
  kj::Promise<void> looking = kj::READY_NOW;

  Served(RpcAcceptor& of, kj::Own<kj::AsyncIoStream> stream, kj::Own<Connection> connected,
         kj::Own<kj::PromiseFulfiller<void>> ends)
      : acceptor(of),
        connection(kj::mv(connected)),
        since(of.now_),
        cut(kj::mv(ends)),
        bytes(kj::mv(stream), of.now_),
        messages(bytes, of.options_.calls_max * kUnfinishedPerCallMax,
                 [this, most = of.options_.queued_bytes_max] { return queued_bytes() > most; }),
        system(capnp::makeRpcServer(network, make_gate(kj::addRef(*connection), of.timer_))) {
    system.setFlowLimit(kMessageWordsMax);
    connection->turns->open([this] { return acceptor.room_for(*this); });
    // Last in the turn, because what was taken leaves the network's queue only after its write has told so.
    bytes.on_taken = [this] { looking = kj::evalLast([this] { look_again(); }).eagerlyEvaluate(nullptr); };
    acceptor.open_.insert(this);
    if (DaemonWatch* const watch = acceptor.options_.watch) watch->connection_opened(Way::kRpc);
  }
  ~Served() noexcept(false) {
    connection->turns->close();
    acceptor.open_.erase(this);
    if (DaemonWatch* const watch = acceptor.options_.watch) watch->connection_closed(Way::kRpc);
  }
  void look_again() {
    messages.look_again();
    connection->turns->look_again();
  }
  // Also counts what is being written.
  [[nodiscard]] std::size_t queued_bytes() { return network.getCurrentQueueSize(); }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
};

RpcAcceptor::RpcAcceptor(kj::Timer& timer, const RpcServer::Options& options, const Gate& gate)
    : timer_(timer), now_(timer.now()), options_(options), gate_(gate), threads_(kThreads), connections_(*this) {}

kj::Promise<void> RpcAcceptor::accept(kj::ConnectionReceiver& receiver) {
  return receiver.accept()
      .then(
          [this](kj::Own<kj::AsyncIoStream>&& stream) -> kj::Promise<void> {
            if (has_room(*stream)) {
              connections_.add(serve(kj::mv(stream)));
            } else if (options_.watch != nullptr) {
              options_.watch->connection_refused(Way::kRpc, options_.connections_max);
            }
            return kj::READY_NOW;
          },
          [this](kj::Exception&&) -> kj::Promise<void> { return timer_.afterDelay(kAcceptAgainAfter); })
      .then([this, &receiver] { return accept(receiver); });
}

bool RpcAcceptor::has_room(const kj::AsyncIoStream& stream) const {
  KJ_IF_MAYBE (file, stream.getFd()) {
    if (*file >= options_.files_max) return false;
  }
  return open_.size() < options_.connections_max;
}

kj::Promise<void> RpcAcceptor::serve(kj::Own<kj::AsyncIoStream> stream) {
  auto connection = kj::refcounted<Connection>(RpcCaller{.gate = gate_,
                                                         .is_owner = is_owner(*stream),
                                                         .calls_max = options_.calls_max,
                                                         .calls_of_all = calls_,
                                                         .threads = threads_,
                                                         .watch = options_.watch});
  auto cut = kj::newPromiseAndFulfiller<void>();
  auto served = kj::heap<Served>(*this, kj::mv(stream), kj::mv(connection), kj::mv(cut.fulfiller));
  auto ended = served->network.onDisconnect().exclusiveJoin(kj::mv(cut.promise));
  return ended.attach(kj::mv(served));
}

std::optional<Cut> RpcAcceptor::fault_of(const Served& served) const {
  const auto passed = [this](kj::TimePoint since, std::chrono::milliseconds most) {
    return now_ - since > duration_of(most);
  };
  KJ_IF_MAYBE (since, served.bytes.writing_since()) {
    return passed(*since, options_.stall_deadline) ? std::optional(Cut::kSlowReader) : std::nullopt;
  }
  KJ_IF_MAYBE (since, served.bytes.reading_since()) {
    if (passed(*since, options_.stall_deadline)) return Cut::kSlowSender;
  }
  const Connection& connection = *served.connection;
  if (!connection.authenticated && passed(served.since, options_.authentication_deadline)) return Cut::kUnauthenticated;
  if (connection.is_idle() && passed(served.bytes.active_at(), options_.idle_deadline)) return Cut::kIdle;
  return std::nullopt;
}

kj::Promise<void> RpcAcceptor::watch() {
  const auto shortest = std::min({options_.stall_deadline, options_.authentication_deadline, options_.idle_deadline});
  const kj::Duration pause =
      std::clamp<kj::Duration>(duration_of(shortest) / 4, kLookAtAllEveryMin, kLookAtAllEveryMax);
  return timer_.afterDelay(pause).then([this, pause] {
    now_ += pause;
    look_at_all();
    return watch();
  });
}

void RpcAcceptor::look_at_all() {
  for (Served* const served : open_) {
    served->look_again();
    const std::optional<Cut> why = fault_of(*served);
    if (!why || !served->cut->isWaiting()) continue;
    if (options_.watch != nullptr) options_.watch->connection_cut(Way::kRpc, *why);
    served->cut->fulfill();  // It goes once this turn of the event loop is over.
  }
}

RpcTurns::Room RpcAcceptor::room_for(Served& served) const {
  if (served.queued_bytes() > options_.queued_bytes_max) return RpcTurns::Room::kFull;
  std::size_t of_all = 0;
  for (Served* const each : open_) of_all += each->queued_bytes();
  return of_all > options_.queued_bytes_of_all_max ? RpcTurns::Room::kOverloaded : RpcTurns::Room::kFree;
}

kj::Promise<void> RpcAcceptor::finished() {
  if (*calls_ == 0) return kj::READY_NOW;
  return timer_.afterDelay(kLookAtCallsEvery).then([this] { return finished(); });
}

}  // namespace runledger
