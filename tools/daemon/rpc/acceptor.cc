// The accept loop, and what a connection may take up.
#include "tools/daemon/rpc/acceptor.h"

#include <capnp/rpc-twoparty.h>
#include <kj/debug.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tools/daemon/peer_address.h"
#include "tools/daemon/rpc/capabilities.h"
#include "tools/daemon/rpc/connection.h"
#include "tools/daemon/rpc/stream.h"

namespace runledger {
namespace {

constexpr std::uint64_t kMessageWordsMax = 8ULL * 1024 * 1024 / sizeof(capnp::word);
constexpr int kNestingMax = 16;
constexpr std::size_t kThreads = 4;
constexpr std::size_t kUnfinishedPerCallMax = 4;  // Answers that a caller may hold on to, for each call in flight.
constexpr std::size_t kReadsWaitingMax = 2 * kSubscriptionsMax;  // For their turn; then it is read no further.
constexpr std::size_t kUnreadNotCounted = 64 * 1024;             // Of a message: most are shorter.
constexpr auto kLookAtCallsEvery = 10 * kj::MILLISECONDS;
constexpr auto kLookAtAllEveryMin = 10 * kj::MILLISECONDS;
constexpr auto kLookAtAllEveryMax = 250 * kj::MILLISECONDS;
constexpr auto kFarewellMax = 2 * kj::SECONDS;
constexpr std::size_t kFarewellBytes = 1024;
constexpr auto kAcceptAgainAfter = 100 * kj::MILLISECONDS;  // When there is no descriptor left, for example.

kj::Duration duration_of(std::chrono::milliseconds time) {
  return static_cast<std::int64_t>(time.count()) * kj::MILLISECONDS;
}

// Answers leave at once, and a peer whose machine is gone is noticed.
void prepare_tcp(kj::AsyncIoStream& stream) {
  const int one = 1;
  stream.setsockopt(IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  stream.setsockopt(SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

// Until the other end is gone.
kj::Promise<void> discard(kj::AsyncIoStream& stream, kj::ArrayPtr<kj::byte> into) {
  return stream.tryRead(into.begin(), 1, into.size()).then([&stream, into](std::size_t count) -> kj::Promise<void> {
    if (count == 0) return kj::READY_NOW;
    return discard(stream, into);
  });
}

// Empty for one who has gone already.
std::string address_of(const kj::AsyncIoStream& stream) {
  KJ_IF_MAYBE (file, stream.getFd()) return peer_address(*file);
  return "";
}

bool is_before(const kj::Maybe<kj::TimePoint>& one, const kj::Maybe<kj::TimePoint>& other) {
  KJ_IF_MAYBE (since, one) {
    KJ_IF_MAYBE (others, other) return *since < *others;
    return true;
  }
  return false;
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

struct RpcAcceptor::Handshake {
  RpcAcceptor& acceptor;
  kj::TimePoint since;
  kj::Own<kj::PromiseFulfiller<void>> cut;  // Ends it.

  Handshake(RpcAcceptor& of, kj::Own<kj::PromiseFulfiller<void>> ends)
      : acceptor(of), since(of.now_), cut(kj::mv(ends)) {
    acceptor.handshakes_.insert(this);
  }
  ~Handshake() noexcept(false) { acceptor.handshakes_.erase(this); }
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
};

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

  Served(RpcAcceptor& of, kj::Own<kj::AsyncIoStream> stream, kj::Own<Connection> connected, kj::TimePoint came,
         kj::Own<kj::PromiseFulfiller<void>> ends)
      : acceptor(of),
        connection(kj::mv(connected)),
        since(came),
        cut(kj::mv(ends)),
        bytes(kj::mv(stream), of.now_),
        messages(bytes, of.options_.calls_max * kUnfinishedPerCallMax,
                 {.is_full =
                      [this, most = of.options_.queued_bytes_max] {
                        return queued_bytes() > most || connection->turns->waiting() >= kReadsWaitingMax;
                      },
                  .is_stranger = [this] { return is_stranger(); }}),
        system(capnp::makeRpcServer(network, make_gate(kj::addRef(*connection), of.timer_))) {
    system.setFlowLimit(kMessageWordsMax);
    connection->turns->open([this] { return acceptor.room_for(*this); });
    // Last in the turn, because what was taken leaves the network's queue only after its write has told so.
    bytes.on_taken = [this] { looking = kj::evalLast([this] { look_again(); }).eagerlyEvaluate(nullptr); };
    bytes.on_read = [this] { acceptor.limit_unread(*this); };
    acceptor.open_.insert(this);
    if (DaemonWatch* const watch = acceptor.options_.watch) watch->connection_opened(Transport::kRpc);
  }
  ~Served() noexcept(false) {
    connection->turns->close();
    if (connection->copy) acceptor.threads_.destroy(kj::mv(connection->copy));
    acceptor.open_.erase(this);
    if (DaemonWatch* const watch = acceptor.options_.watch) watch->connection_closed(Transport::kRpc);
  }
  void look_again() {
    messages.look_again();
    connection->turns->look_again();
  }
  [[nodiscard]] bool is_stranger() const { return !connection->caller.is_owner && !connection->authenticated; }
  // Not on its way out.
  [[nodiscard]] bool stays() { return cut->isWaiting(); }
  // Also counts what is being written.
  [[nodiscard]] std::size_t queued_bytes() { return network.getCurrentQueueSize(); }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
};

RpcAcceptor::RpcAcceptor(kj::Timer& timer, const RpcServerOptions& options, const Authenticator& gate)
    : timer_(timer),
      now_(timer.now()),
      options_(options),
      gate_(gate),
      threads_(kThreads, options.watch),
      log_watch_(gate.log()),
      connections_(*this) {}

kj::Promise<void> RpcAcceptor::accept(RpcDoor& door) {
  return door.receiver->accept()
      .then([this, &door](kj::Own<kj::AsyncIoStream>&& stream) {
        const std::optional<std::size_t> limit = full_at(door, *stream);
        if (!limit) return take(door, kj::mv(stream));
        if (options_.watch != nullptr) options_.watch->connection_refused(Transport::kRpc, *limit);
      })
      .catch_([this](kj::Exception&&) { return timer_.afterDelay(kAcceptAgainAfter); })
      .then([this, &door] { return accept(door); });
}

std::optional<std::size_t> RpcAcceptor::full_at(const RpcDoor& door, const kj::AsyncIoStream& stream) const {
  KJ_IF_MAYBE (file, stream.getFd()) {
    if (*file >= options_.files_max) return static_cast<std::size_t>(options_.files_max);
  }
  if (door.taken >= options_.connections_max) return options_.connections_max;
  if (!door.is_tcp) return std::nullopt;
  if (strangers() >= options_.strangers_max) return options_.strangers_max;
  const auto same = from_.find(address_of(stream));
  if (same != from_.end() && same->second >= options_.connections_of_address_max)
    return options_.connections_of_address_max;
  return std::nullopt;
}

std::size_t RpcAcceptor::strangers() const {
  const auto is_stranger = [](const Served* served) { return served->is_stranger(); };
  return handshakes_.size() + static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), is_stranger));
}

void RpcAcceptor::take(RpcDoor& door, kj::Own<kj::AsyncIoStream> stream) {
  const std::string address = door.is_tcp ? address_of(*stream) : "";
  ++from_[address];
  ++door.taken;
  // From here on, so that its place is free again whatever is thrown.
  auto leaving = kj::defer([this, &door, address] {
    --door.taken;
    const auto same = from_.find(address);
    if (--same->second == 0) from_.erase(same);
  });
  if (door.is_tcp) prepare_tcp(*stream);
  const bool owner = !door.is_tcp && is_owner(*stream);
  auto served = door.tls != nullptr ? secure(*door.tls, kj::mv(stream)) : serve(kj::mv(stream), owner, now_);
  connections_.add(served.attach(kj::mv(leaving)));
}

kj::Promise<void> RpcAcceptor::secure(kj::TlsContext& tls, kj::Own<kj::AsyncIoStream> stream) {
  kj::AsyncIoStream& raw = *stream;
  auto cut = kj::newPromiseAndFulfiller<void>();
  auto handshake = kj::heap<Handshake>(*this, kj::mv(cut.fulfiller));
  auto late = cut.promise.then(
      []() -> kj::Promise<kj::Own<kj::AsyncIoStream>> { return KJ_EXCEPTION(OVERLOADED, "no handshake in time"); });
  const kj::TimePoint since = handshake->since;
  // Lent, because the stream is still needed after a handshake that fails.
  return tls.wrapServer(kj::Own<kj::AsyncIoStream>(&raw, kj::NullDisposer::instance))
      .exclusiveJoin(kj::mv(late))
      .attach(kj::mv(handshake))
      .then([this, since](kj::Own<kj::AsyncIoStream>&& secured) { return serve(kj::mv(secured), false, since); },
            [this, &raw](kj::Exception&& error) -> kj::Promise<void> {
              if (error.getType() != kj::Exception::Type::FAILED) return kj::mv(error);
              if (options_.watch != nullptr)
                options_.watch->handshake_failed(Transport::kRpc, error.getDescription().cStr());
              return say_farewell(raw);
            })
      .attach(kj::mv(stream));
}

// A connection that is closed with bytes unread makes the system throw away what the other end has not read, such as
// why there is no TLS.
kj::Promise<void> RpcAcceptor::say_farewell(kj::AsyncIoStream& stream) {
  stream.shutdownWrite();
  auto into = kj::heapArray<kj::byte>(kFarewellBytes);
  auto gone = discard(stream, into);
  return gone.attach(kj::mv(into)).exclusiveJoin(timer_.afterDelay(kFarewellMax));
}

kj::Promise<void> RpcAcceptor::serve(kj::Own<kj::AsyncIoStream> stream, bool is_owner, kj::TimePoint since) {
  auto connection = kj::refcounted<Connection>(RpcCaller{.gate = gate_,
                                                         .operations = options_.operations,
                                                         .is_owner = is_owner,
                                                         .calls_max = options_.calls_max,
                                                         .calls_of_all = calls_,
                                                         .threads = threads_,
                                                         .log_watch = log_watch_,
                                                         .watch = options_.watch});
  auto cut = kj::newPromiseAndFulfiller<void>();
  auto served = kj::heap<Served>(*this, kj::mv(stream), kj::mv(connection), since, kj::mv(cut.fulfiller));
  auto ended = served->network.onDisconnect().exclusiveJoin(kj::mv(cut.promise));
  return ended.attach(kj::mv(served));
}

std::optional<CloseReason> RpcAcceptor::fault_of(const Served& served) const {
  const auto passed = [this](kj::TimePoint since, std::chrono::milliseconds most) {
    return now_ - since > duration_of(most);
  };
  KJ_IF_MAYBE (since, served.bytes.writing_since()) {
    return passed(*since, options_.stall_deadline) ? std::optional(CloseReason::kSlowReader) : std::nullopt;
  }
  KJ_IF_MAYBE (since, served.bytes.reading_since()) {
    if (passed(*since, options_.stall_deadline)) return CloseReason::kSlowSender;
  }
  const Connection& connection = *served.connection;
  if (!connection.authenticated && passed(served.since, options_.authentication_deadline))
    return CloseReason::kUnauthenticated;
  if (connection.is_idle() && passed(served.bytes.active_at(), options_.idle_deadline)) return CloseReason::kIdle;
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
  for (Handshake* const handshake : handshakes_) {
    const bool late = now_ - handshake->since > duration_of(options_.authentication_deadline);
    if (!late || !handshake->cut->isWaiting()) continue;
    if (options_.watch != nullptr) options_.watch->connection_cut(Transport::kRpc, CloseReason::kUnauthenticated);
    handshake->cut->fulfill();
  }
  for (Served* const served : open_) {
    served->look_again();
    const std::optional<CloseReason> why = fault_of(*served);
    if (why && served->stays()) cut(*served, *why);
  }
}

// It goes once this turn of the event loop is over.
void RpcAcceptor::cut(Served& served, CloseReason why) const {
  if (options_.watch != nullptr) options_.watch->connection_cut(Transport::kRpc, why);
  served.cut->fulfill();
}

RpcTurns::Room RpcAcceptor::room_for(Served& asking) const {
  if (asking.queued_bytes() > options_.queued_bytes_max) return RpcTurns::Room::kFull;
  const std::size_t share = options_.queued_bytes_of_all_max / std::max<std::size_t>(open_.size(), 1);
  std::size_t of_all = 0;
  std::size_t being_read = 0;
  Served* longest = nullptr;
  for (Served* const each : open_) {
    if (!each->stays()) continue;
    const std::size_t queued = each->queued_bytes();
    of_all += queued;
    if (each->connection->turns->is_taken()) being_read += kBytesPerEventPage;
    if (each == &asking || queued <= share) continue;
    if (longest == nullptr || is_before(each->bytes.writing_since(), longest->bytes.writing_since())) longest = each;
  }
  if (of_all <= options_.queued_bytes_of_all_max) {
    const bool is_free = being_read == 0 || of_all + being_read < options_.queued_bytes_of_all_max;
    return is_free ? RpcTurns::Room::kFree : RpcTurns::Room::kFull;
  }
  if (longest == nullptr) {  // The one that asks holds it all.
    if (options_.watch != nullptr) options_.watch->rejected("overloaded");
    return RpcTurns::Room::kOverloaded;
  }
  cut(*longest, CloseReason::kSlowReader);
  return RpcTurns::Room::kFree;
}

void RpcAcceptor::limit_unread(Served& reading) const {
  if (reading.bytes.bytes_of_message() <= kUnreadNotCounted) return;
  std::size_t of_all = 0;
  Served* longest = nullptr;
  for (Served* const each : open_) {
    if (!each->stays() || each->bytes.bytes_of_message() <= kUnreadNotCounted) continue;
    of_all += each->bytes.bytes_of_message();
    if (longest == nullptr || is_before(each->bytes.reading_since(), longest->bytes.reading_since())) longest = each;
  }
  if (of_all > options_.unread_bytes_of_all_max && longest != nullptr) cut(*longest, CloseReason::kSlowSender);
}

kj::Promise<void> RpcAcceptor::finished() {
  if (*calls_ == 0) return kj::READY_NOW;
  return timer_.afterDelay(kLookAtCallsEvery).then([this] { return finished(); });
}

}  // namespace runledger
