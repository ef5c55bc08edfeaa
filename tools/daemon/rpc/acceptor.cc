// The accept loop, the deadlines of connections, and the limits on the memory that they use.
//
// Life of a connection: accept() receives it; full_at() may refuse it; take() counts it under its listener and address;
// secure() does the TLS handshake (a Handshake in `handshakes_`); serve() builds a Served, which is the RPC system on a
// stack of filters: TwoPartyVatNetwork on RpcStream (limits messages) on RpcBytes (notes when bytes move) on ReadAhead
// (reads in large pieces). The promise that owns all of this is in `connections_`. cut() fulfils one of its branches,
// which destroys everything after the current turn of the event loop: never in the middle of a loop over `open_`.
//
// Deadlines: watch() wakes several times within the shortest one, advances `now_` by the length of its pause, and
// closes each connection for which fault_of() finds a reason. Real time would blame callers for a busy event loop.
//
// Memory: a caller can make the daemon hold bytes in two ways, and each is limited over all connections.
//   - Answers that it does not read. Before each read, RpcTurns asks room_for(). A connection over its own limit waits,
//     and so does one whose token or tenant holds more than its share of the limit for all; is_full() also stops
//     reading messages from those. When all connections together are over their limit, cut_slowest() closes, of
//     those that hold more than an equal share, one of the token or tenant that holds most: the one that has taken
//     nothing for longest. If only the asking one holds that much, its call fails.
//   - Messages that it does not finish. limit_unread() runs whenever bytes arrive, and closes, of the token or tenant
//     that has sent most of them, the connection whose message has been incomplete for longest.
// Both choose by the time without progress, so a caller that takes what it requested is the last to be closed.
//
// Places: when full_at() finds none, make_room() closes one connection that holds every place that is missing: one
// without a session while there are many of those, otherwise one of the token or tenant that has most.
#include "tools/daemon/rpc/acceptor.h"

#include <capnp/rpc-twoparty.h>
#include <fmt/format.h>
#include <kj/debug.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "clients/cpp/read_ahead.h"
#include "tools/daemon/peer_address.h"
#include "tools/daemon/rpc/capabilities.h"
#include "tools/daemon/rpc/connection.h"
#include "tools/daemon/rpc/stream.h"

namespace runledger {
namespace {

constexpr std::uint64_t kMessageWordsMax = 8ULL * 1024 * 1024 / sizeof(capnp::word);
constexpr int kNestingMax = 16;
constexpr std::size_t kThreads = 4;
constexpr std::size_t kUnfinishedPerCallMax = 4;  // Answers that a caller may keep, for each call in flight.
constexpr std::size_t kReadsWaitingMax = 2 * kSubscriptionsMax;  // Waiting for turns; above it, no messages are read.
constexpr std::size_t kUnreadNotCounted = 64 * 1024;  // Incomplete messages up to this size, as most are, do not count.
// When the places are full, one part in so many is for connections without a session, and never fewer than a few.
constexpr std::size_t kUnauthenticatedShare = 16;
constexpr std::size_t kUnauthenticatedFew = 8;
constexpr auto kLookAtCallsEvery = 10 * kj::MILLISECONDS;
constexpr auto kLookAtAllEveryMin = 10 * kj::MILLISECONDS;
constexpr auto kLookAtAllEveryMax = 250 * kj::MILLISECONDS;
constexpr auto kDrainTimeMax = 2 * kj::SECONDS;
constexpr std::size_t kDrainBufferBytes = 1024;
constexpr auto kAcceptAgainAfter = 100 * kj::MILLISECONDS;  // When there is no descriptor left, for example.

kj::Duration duration_of(std::chrono::milliseconds time) {
  return static_cast<std::int64_t>(time.count()) * kj::MILLISECONDS;
}

// TCP_NODELAY sends answers immediately; SO_KEEPALIVE notices a peer whose machine is gone.
void prepare_tcp(kj::AsyncIoStream& stream) {
  const int one = 1;
  stream.setsockopt(IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  stream.setsockopt(SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

// Reads and ignores bytes until the other end closes the connection.
kj::Promise<void> discard(kj::AsyncIoStream& stream, kj::ArrayPtr<kj::byte> into) {
  return stream.tryRead(into.begin(), 1, into.size()).then([&stream, into](std::size_t count) -> kj::Promise<void> {
    if (count == 0) return kj::READY_NOW;
    return discard(stream, into);
  });
}

// Returns an empty string for a caller that has already closed the connection.
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

// Returns the user at the other end of a unix socket, if the system tells.
std::optional<uid_t> peer_user(kj::AsyncIoStream& stream) {
  ucred peer{};
  kj::uint size = sizeof(peer);
  stream.getsockopt(SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return size == sizeof(peer) ? std::optional(peer.uid) : std::nullopt;
}

// Returns the caller's user, if that is the one who runs this process, or root. A member of the socket's group is not
// the owner: it needs a token, like a caller over TCP.
std::optional<uid_t> owner_of(const RpcListener& listener, kj::AsyncIoStream& stream) {
  if (listener.is_tcp) return std::nullopt;
  const std::optional<uid_t> user = peer_user(stream);
  return user && (*user == ::geteuid() || *user == 0) ? user : std::nullopt;
}

// What a caller's connections are counted under: its address, or its user on this machine. Empty for the owner.
std::string origin_of(const RpcListener& listener, kj::AsyncIoStream& stream) {
  if (listener.is_tcp) return address_of(stream);
  if (owner_of(listener, stream)) return "";
  return fmt::format("user {}", peer_user(stream).value_or(-1U));
}

capnp::ReaderOptions message_limits() {
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = kMessageWordsMax;
  limits.nestingLimit = kNestingMax;
  return limits;
}

}  // namespace

// What every connection has from the moment that its caller connects.
struct RpcAcceptor::Place {
  RpcAcceptor& acceptor;
  const RpcListener& listener;
  std::string origin;                       // origin_of()
  kj::TimePoint since;                      // When the caller connected.
  kj::Own<kj::PromiseFulfiller<void>> cut;  // Fulfilling it ends the connection.

  // False once cut() was called: the connection is about to be destroyed.
  [[nodiscard]] bool stays() { return cut->isWaiting(); }
};

// A connection during its TLS handshake; it is in `handshakes_` for as long as it exists.
struct RpcAcceptor::Handshake : Place {
  explicit Handshake(Place place) : Place(kj::mv(place)) { acceptor.handshakes_.insert(this); }
  ~Handshake() noexcept(false) { acceptor.handshakes_.erase(this); }
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
};

// A connection that is served; it is in `open_` for as long as it exists. Members are in the order of their layers.
struct RpcAcceptor::Served : Place {
  kj::Own<Connection> connection;
  RpcBytes bytes;
  RpcStream messages;
  capnp::TwoPartyVatNetwork network{messages, capnp::rpc::twoparty::Side::SERVER, message_limits()};
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
  kj::Promise<void> looking = kj::READY_NOW;

  Served(Place place, kj::Own<kj::AsyncIoStream> stream, kj::Own<Connection> connected)
      : Place(kj::mv(place)),
        connection(kj::mv(connected)),
        bytes(kj::heap<ReadAhead>(kj::mv(stream)), acceptor.now_),
        messages(bytes, acceptor.options_.calls_max * kUnfinishedPerCallMax,
                 {.is_full = [this] { return acceptor.is_full(*this); },
                  .is_unauthenticated = [this] { return is_unauthenticated(); }}),
        system(capnp::makeRpcServer(network, make_gate(kj::addRef(*connection), acceptor.timer_))) {
    system.setFlowLimit(kMessageWordsMax);
    connection->turns->open([this] { return acceptor.room_for(*this); });
    // evalLast: the network removes a message from its queue only after the handlers of this write have run, so the
    // queue's size is right at the end of the turn.
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
  [[nodiscard]] bool is_unauthenticated() const { return !connection->caller.owner && !connection->authenticated; }
  [[nodiscard]] bool waits() const { return connection->subscriptions > 0 || connection->waiting_calls > 0; }
  // The bytes of answers that the caller has not taken, including those that are being written.
  [[nodiscard]] std::size_t queued_bytes() { return network.getCurrentQueueSize() + messages.untaken(); }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
};

RpcAcceptor::RpcAcceptor(kj::Timer& timer, const RpcServerOptions& options, const Authenticator& authenticator)
    : timer_(timer),
      now_(timer.now()),
      options_(options),
      authenticator_(authenticator),
      threads_(kThreads, options.watch),
      log_watch_(authenticator.log()),
      connections_(*this) {}

kj::Promise<void> RpcAcceptor::accept(RpcListener& listener) {
  return listener.receiver->accept()
      .then([this, &listener](kj::Own<kj::AsyncIoStream>&& stream) {
        const std::optional<std::size_t> limit = full_at(listener, *stream);
        if (!limit || make_room(listener, *stream)) return take(listener, kj::mv(stream));
        if (options_.watch != nullptr) options_.watch->connection_refused(Transport::kRpc, *limit);
      })
      .catch_([this](kj::Exception&&) { return timer_.afterDelay(kAcceptAgainAfter); })
      .then([this, &listener] { return accept(listener); });
}

std::optional<std::size_t> RpcAcceptor::full_at(const RpcListener& listener, kj::AsyncIoStream& stream) const {
  KJ_IF_MAYBE (file, stream.getFd()) {
    if (*file >= options_.files_max) return static_cast<std::size_t>(options_.files_max);
  }
  if (listener.taken >= options_.connections_max) return options_.connections_max;
  if (owner_of(listener, stream)) return std::nullopt;
  if (unauthenticated() >= options_.unauthenticated_max) return options_.unauthenticated_max;
  const auto same = from_.find(origin_of(listener, stream));
  if (same != from_.end() && same->second >= options_.connections_of_address_max)
    return options_.connections_of_address_max;
  return std::nullopt;
}

std::size_t RpcAcceptor::unauthenticated() const {
  const auto is_unauthenticated = [](const Served* served) { return served->is_unauthenticated(); };
  return handshakes_.size() + static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), is_unauthenticated));
}

// As the HTTP server does, except that no idle connection is closed unless its token or tenant holds too much, because
// the limits on addresses and on callers without a token leave the others enough places. It closes one connection at
// most. When several limits are reached at once, that one must free a place under each of them.
bool RpcAcceptor::make_room(const RpcListener& listener, kj::AsyncIoStream& stream) const {
  KJ_IF_MAYBE (file, stream.getFd()) {
    if (*file >= options_.files_max) return false;
  }
  const bool is_owner = owner_of(listener, stream).has_value();
  const std::string origin = origin_of(listener, stream);
  const auto same = from_.find(origin);
  const bool is_of_full_origin =
      !is_owner && same != from_.end() && same->second >= options_.connections_of_address_max;
  const bool is_at_full_listener = listener.taken >= options_.connections_max;
  const auto frees_places = [&](Place& each) {
    return each.stays() && (!is_at_full_listener || &each.listener == &listener) &&
           (!is_of_full_origin || each.origin == origin);
  };
  std::vector<Place*> strangers;
  std::vector<Served*> others;
  for (Handshake* const each : handshakes_)
    if (frees_places(*each)) strangers.push_back(each);
  for (Served* const each : open_) {
    if (!frees_places(*each)) continue;
    if (each->is_unauthenticated()) {
      strangers.push_back(each);
    } else {
      others.push_back(each);
    }
  }
  if (!is_owner && unauthenticated() >= options_.unauthenticated_max) return cut_stranger(strangers);
  const std::size_t most = is_of_full_origin ? options_.connections_of_address_max : options_.connections_max;
  const bool are_many = strangers.size() > std::max(most / kUnauthenticatedShare, kUnauthenticatedFew);
  if (are_many && cut_stranger(strangers)) return true;
  return cut_of_most(others, std::max<std::size_t>(most / Shares::kSharesOfAll, 1)) || cut_of_most(others, 1);
}

// Closes, of these connections, the oldest one of the address that has most of them, if it has several.
bool RpcAcceptor::cut_stranger(const std::vector<Place*>& from) const {
  std::unordered_map<std::string, std::size_t> counts;
  for (const Place* const each : from) ++counts[each->origin];
  const auto rank = [&](const Place& of) { return std::pair(counts.at(of.origin), now_ - of.since); };
  Place* first = nullptr;
  for (Place* const each : from) {
    if (counts.at(each->origin) < 2) continue;
    if (first == nullptr || rank(*each) > rank(*first)) first = each;
  }
  if (first == nullptr) return false;
  cut(*first, CloseReason::kMadeRoom);
  return true;
}

// Closes the newest connection that subscribes or waits, or else the newest, of the token or tenant that has most of
// them, if it has more than `most_left_alone`.
bool RpcAcceptor::cut_of_most(const std::vector<Served*>& from, std::size_t most_left_alone) const {
  Shares shares;
  for (const Served* const each : from) shares.add(each->connection->holder);
  const auto rank = [&](const Served& of) {
    return std::tuple(shares.held_by(of.connection->holder), of.waits(), of.since - kj::origin<kj::TimePoint>());
  };
  Served* first = nullptr;
  for (Served* const each : from) {
    const bool is_busy = each->connection->calls > each->connection->waiting_calls;
    if (is_busy || shares.held_by(each->connection->holder) <= most_left_alone) continue;
    if (first == nullptr || rank(*each) > rank(*first)) first = each;
  }
  if (first == nullptr) return false;
  cut(*first, CloseReason::kMadeRoom);
  return true;
}

void RpcAcceptor::take(RpcListener& listener, kj::Own<kj::AsyncIoStream> stream) {
  const std::string origin = origin_of(listener, *stream);
  ++from_[origin];
  ++listener.taken;
  // Made before anything can throw, so that the place is always freed.
  auto leaving = kj::defer([this, &listener, origin] {
    --listener.taken;
    const auto same = from_.find(origin);
    if (--same->second == 0) from_.erase(same);
  });
  if (listener.is_tcp) prepare_tcp(*stream);
  auto served = listener.tls != nullptr ? secure(listener, origin, kj::mv(stream))
                                        : serve(listener, origin, kj::mv(stream), now_);
  connections_.add(served.attach(kj::mv(leaving)));
}

kj::Promise<void> RpcAcceptor::secure(RpcListener& listener, std::string origin, kj::Own<kj::AsyncIoStream> stream) {
  kj::AsyncIoStream& raw = *stream;
  auto cut = kj::newPromiseAndFulfiller<void>();
  auto handshake = kj::heap<Handshake>(Place{*this, listener, origin, now_, kj::mv(cut.fulfiller)});
  auto late = cut.promise.then(
      []() -> kj::Promise<kj::Own<kj::AsyncIoStream>> { return KJ_EXCEPTION(OVERLOADED, "no handshake in time"); });
  const kj::TimePoint since = handshake->since;
  // The TLS stream borrows the raw one, which is still needed when the handshake fails.
  return listener.tls->wrapServer(kj::Own<kj::AsyncIoStream>(&raw, kj::NullDisposer::instance))
      .exclusiveJoin(kj::mv(late))
      .attach(kj::mv(handshake))
      .then(
          [this, &listener, origin = std::move(origin), since](kj::Own<kj::AsyncIoStream>&& secured) mutable {
            return serve(listener, std::move(origin), kj::mv(secured), since);
          },
          [this, &raw](kj::Exception&& error) -> kj::Promise<void> {
            if (error.getType() != kj::Exception::Type::FAILED) return kj::mv(error);
            if (options_.watch != nullptr)
              options_.watch->handshake_failed(Transport::kRpc, error.getDescription().cStr());
            return drain_and_close(raw);
          })
      .attach(kj::mv(stream));
}

// Discards input for a while before the close. Closing a socket with unread input makes the system send a reset, and
// the other end would lose the bytes that it has not read yet, such as the alert that says why TLS failed.
kj::Promise<void> RpcAcceptor::drain_and_close(kj::AsyncIoStream& stream) {
  stream.shutdownWrite();
  auto into = kj::heapArray<kj::byte>(kDrainBufferBytes);
  auto gone = discard(stream, into);
  return gone.attach(kj::mv(into)).exclusiveJoin(timer_.afterDelay(kDrainTimeMax));
}

kj::Promise<void> RpcAcceptor::serve(RpcListener& listener, std::string origin, kj::Own<kj::AsyncIoStream> stream,
                                     kj::TimePoint since) {
  auto connection = kj::refcounted<Connection>(RpcCaller{.authenticator = authenticator_,
                                                         .operations = options_.operations,
                                                         .owner = owner_of(listener, *stream),
                                                         .calls_max = options_.calls_max,
                                                         .calls_of_all = calls_,
                                                         .threads = threads_,
                                                         .log_watch = log_watch_,
                                                         .watch = options_.watch});
  auto cut = kj::newPromiseAndFulfiller<void>();
  auto served = kj::heap<Served>(Place{*this, listener, std::move(origin), since, kj::mv(cut.fulfiller)},
                                 kj::mv(stream), kj::mv(connection));
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
  untaken_ = untaken();
  for (Handshake* const handshake : handshakes_) {
    const bool late = now_ - handshake->since > duration_of(options_.authentication_deadline);
    if (late && handshake->stays()) cut(*handshake, CloseReason::kUnauthenticated);
  }
  for (Served* const served : open_) {
    served->look_again();
    const std::optional<CloseReason> why = fault_of(*served);
    if (why && served->stays()) cut(*served, *why);
  }
}

// The connection is destroyed after the current turn of the event loop.
void RpcAcceptor::cut(Place& connection, CloseReason why) const {
  if (options_.watch != nullptr) options_.watch->connection_cut(Transport::kRpc, why);
  connection.cut->fulfill();
}

Shares RpcAcceptor::untaken() const {
  Shares shares;
  for (Served* const each : open_) {
    if (each->stays() && each->queued_bytes() > 0) shares.add(each->connection->holder, each->queued_bytes());
  }
  return shares;
}

bool RpcAcceptor::holds_too_much(const Served& served) const {
  return untaken_.held_by(served.connection->holder) > options_.queued_bytes_of_all_max / Shares::kSharesOfAll;
}

// A connection that has taken all its answers is read on, whatever others of its token do: its heartbeats must come.
bool RpcAcceptor::is_full(Served& served) const {
  const std::size_t queued = served.queued_bytes();
  return queued > options_.queued_bytes_max || served.connection->turns->waiting() >= kReadsWaitingMax ||
         (queued > 0 && holds_too_much(served));
}

RpcTurns::Room RpcAcceptor::room_for(Served& asking) {
  if (asking.queued_bytes() > options_.queued_bytes_max) return RpcTurns::Room::kFull;
  untaken_ = untaken();
  if (holds_too_much(asking)) return RpcTurns::Room::kFull;
  const std::size_t most = options_.queued_bytes_of_all_max;
  std::size_t of_all = 0;
  std::size_t being_read = 0;
  Shares reading;
  for (Served* const each : open_) {
    if (!each->stays()) continue;
    of_all += each->queued_bytes();
    if (!each->connection->turns->is_taken()) continue;
    being_read += kBytesPerEventPage;
    reading.add(each->connection->holder, kBytesPerEventPage);
  }
  if (of_all > most) return cut_slowest(asking) ? RpcTurns::Room::kFree : RpcTurns::Room::kOverloaded;
  const Holder& holder = asking.connection->holder;
  const std::size_t of_holder = reading.held_by(holder);
  const bool is_free = being_read == 0 || of_all + being_read < most;
  const bool is_in_share = of_holder == 0 || untaken_.held_by(holder) + of_holder < most / Shares::kSharesOfAll;
  return is_free && is_in_share ? RpcTurns::Room::kFree : RpcTurns::Room::kFull;
}

// Closes, of the other connections that hold more than an equal share, one of the token or tenant that holds most: the
// one that has taken nothing for longest. Returns false when there is none: then the asking one is the cause.
bool RpcAcceptor::cut_slowest(Served& asking) const {
  const std::size_t share = options_.queued_bytes_of_all_max / std::max<std::size_t>(open_.size(), 1);
  // The owner is not counted in the shares, but answers for what each of its connections holds.
  const auto held = [this](Served& of) { return std::max(untaken_.held_by(of.connection->holder), of.queued_bytes()); };
  Served* first = nullptr;
  for (Served* const each : open_) {
    if (!each->stays() || each == &asking || each->queued_bytes() <= share) continue;
    const bool is_slower = first == nullptr || is_before(each->bytes.writing_since(), first->bytes.writing_since());
    if (first == nullptr || held(*each) > held(*first) || (held(*each) == held(*first) && is_slower)) first = each;
  }
  if (first == nullptr) {
    if (options_.watch != nullptr) options_.watch->rejected("overloaded");
    return false;
  }
  cut(*first, CloseReason::kSlowReader);
  return true;
}

void RpcAcceptor::limit_unread(Served& reading) const {
  if (reading.bytes.bytes_of_message() <= kUnreadNotCounted) return;
  std::vector<Served*> counted;
  std::size_t of_all = 0;
  Shares shares;
  for (Served* const each : open_) {
    const std::size_t bytes = each->bytes.bytes_of_message();
    if (!each->stays() || bytes <= kUnreadNotCounted) continue;
    counted.push_back(each);
    of_all += bytes;
    shares.add(each->connection->holder, bytes);
  }
  if (of_all <= options_.unread_bytes_of_all_max) return;
  // The owner is not counted in the shares, but answers for what each of its connections holds.
  const auto held = [&](const Served& of) {
    return std::max(shares.held_by(of.connection->holder), of.bytes.bytes_of_message());
  };
  Served* first = counted.front();
  for (Served* const each : counted) {
    const bool is_longer = is_before(each->bytes.reading_since(), first->bytes.reading_since());
    if (held(*each) > held(*first) || (held(*each) == held(*first) && is_longer)) first = each;
  }
  cut(*first, CloseReason::kSlowSender);
}

// Looks once more after the last call, because answers are written at the end of a turn (GatheredWrites).
kj::Promise<void> RpcAcceptor::finished() {
  auto pause = timer_.afterDelay(kLookAtCallsEvery);
  if (*calls_ == 0) return pause;
  return pause.then([this] { return finished(); });
}

}  // namespace runledger
