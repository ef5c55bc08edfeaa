// Listens, accepts connections, wakes the ones that follow events, and stops in order.
//
// Threads: one ("mover") runs the io_context, and with it the acceptor and every HttpConnection, so their state needs
// no locks. Three pools in HttpShared do the work of the routes. One more thread ("watcher") follows the log.
//
// Accepting: take() decides for each new socket. If there is room, or another connection can give it (make_room()), the
// socket becomes a connection. Otherwise up to kTurnedAwayMax sockets at a time are answered "overloaded"; for one
// more, close_turned_away() closes one of them. A socket whose descriptor number is too high is closed as well, because
// the store needs the remaining files.
//
// Followers: when the log grows, the watcher collects in `news` the scopes that have new events, and posts one wake-up
// to the io thread unless one is posted already. However fast the log grows, there is at most one wake-up in the queue.
// The wake-up takes the collected news and passes it to every connection. A timer has the token of every follower
// checked (check_tokens()).
//
// Stopping: begin_stop() closes the acceptor and asks every connection to finish. When the last one is closed, or after
// options.drain, nothing is left for the io_context, so run() returns: that is the signal that stop() waits for. Work
// on the pools holds an io_context guard until its result is posted, so run() cannot return before it. Then the watcher
// and the pools are joined.
#include "tools/daemon/http/server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"
#include "ledger/log/tail.h"
#include "tools/daemon/http/connection.h"
#include "tools/daemon/listen.h"

namespace runledger {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

constexpr auto kAcceptAgainAfter = std::chrono::milliseconds(100);  // When there is no descriptor left, for example.
constexpr int kSystemBufferBytes = 256 * 1024;  // The send buffer of a socket, which would otherwise grow to megabytes.
constexpr std::size_t kTurnedAwayMax = 64;      // At a time.
// When the places are full, one part in so many is for callers without a token, and never fewer than a few.
constexpr std::size_t kUnknownShare = 16;
constexpr std::size_t kUnknownFew = 8;

}  // namespace

struct HttpServer::Impl {
  HttpShared world;
  const EventLog& log;
  tcp::acceptor acceptor;
  asio::steady_timer accept_again;
  asio::steady_timer token_check;
  std::uint16_t port = 0;
  std::atomic<bool> stop_begun = false;
  std::atomic<bool> wake_posted = false;
  Mutex news_mutex;
  HttpNews news RUNLEDGER_GUARDED_BY(news_mutex);  // Collected since the last wake-up.
  std::thread mover;                               // Runs the io_context.
  std::jthread watcher;                            // Follows the log.

  Impl(const HttpOptions& options, HttpSources sources, const EventLog& log_)
      : world(options, std::move(sources)),
        log(log_),
        acceptor(world.io),
        accept_again(world.io),
        token_check(world.io) {}

  void listen();
  void accept();
  void take(tcp::socket socket);
  void close_turned_away();
  [[nodiscard]] bool make_room();
  [[nodiscard]] bool close_longest(const std::function<bool(const HttpConnection&)>& may_be_closed);
  [[nodiscard]] bool ask_to_leave(std::size_t most_left_alone);
  void move();
  void watch(Sequence seen, const std::stop_token& stop);
  void notify_followers(Sequence seen, Sequence last);
  void check_tokens();
  void begin_stop();
};

void HttpServer::Impl::listen() {
  Descriptor listener = listen_on(Endpoint{world.options.host, world.options.port});
  port = port_of(listener.get());
  const tcp protocol = is_of_six(listener.get()) ? tcp::v6() : tcp::v4();
  acceptor.assign(protocol, listener.release());
}

void HttpServer::Impl::accept() {
  acceptor.async_accept([this](const Error& error, tcp::socket socket) {
    if (world.stopping) return;
    if (!error) {
      // An exception concerns this connection only; the server must go on accepting others.
      try {
        take(std::move(socket));
      } catch (const std::exception& broken) {
        world.routes.report("internal", broken.what());
      }
      return accept();
    }
    accept_again.expires_after(kAcceptAgainAfter);
    accept_again.async_wait([this](const Error& cancelled) {
      if (!cancelled && !world.stopping) accept();
    });
  });
}

void HttpServer::Impl::take(tcp::socket socket) {
  const bool has_file = socket.native_handle() < world.options.files_max;
  const bool has_room = has_file && (world.connections.size() < world.options.connections_max || make_room());
  if (!has_room && world.options.watch != nullptr)
    world.options.watch->connection_refused(Transport::kHttp, world.options.connections_max);
  if (!has_file) return;
  if (!has_room) close_turned_away();
  Error ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::send_buffer_size(kSystemBufferBytes), ignored);
  const auto connection = std::make_shared<HttpConnection>(world, std::move(socket));
  (has_room ? world.connections : world.turned_away).insert(connection);
  if (has_room) {
    connection->start();
  } else {
    connection->turn_away();
  }
}

// Leaves a place among those that are being told "overloaded". If there is none, it closes the one that was turned away
// longest ago; one whose claim may yet be answered with a run is closed only when all others are gone.
void HttpServer::Impl::close_turned_away() {
  if (world.turned_away.size() < kTurnedAwayMax) return;
  const auto rank = [](const auto& of) { return std::pair(of->hands_over(), of->turned_away_at()); };
  const std::shared_ptr<HttpConnection> first = *std::ranges::min_element(world.turned_away, {}, rank);
  first->close();
}

// Takes the place of one connection for a new one, whose caller is not known yet. The first of these that applies:
// 1. Too many connections are without a token: of the address with most of them, the one that came first. So a flood
//    of them takes few places, and none of those that others use.
// 2. A token or tenant holds more than its share: of its connections, the one that has been idle for longest, or else
//    its newest stream or waiting claim, or else the newest.
// 3. A connection is idle or without a token: of the address with most of them, the one that is so for longest.
// 4. Of the token or tenant that holds most, if it holds several: as in 2.
// Returns false when there is no such connection.
bool HttpServer::Impl::make_room() {
  const std::size_t most = world.options.connections_max;
  const auto is_unknown = [](const HttpConnection& of) { return of.use() == HttpConnection::Use::kUnknown; };
  const auto is_unused = [&](const HttpConnection& of) {
    return is_unknown(of) || of.use() == HttpConnection::Use::kIdle;
  };
  const auto unknown =
      std::ranges::count_if(world.connections, [&](const auto& connection) { return is_unknown(*connection); });
  const bool are_many = static_cast<std::size_t>(unknown) > std::max(most / kUnknownShare, kUnknownFew);
  if (are_many && close_longest(is_unknown)) return true;
  return ask_to_leave(std::max<std::size_t>(most / Shares::kSharesOfAll, 1)) || close_longest(is_unused) ||
         ask_to_leave(1);
}

// Among the connections that may be closed: of the address with most of them, the one that has been idle for longest.
bool HttpServer::Impl::close_longest(const std::function<bool(const HttpConnection&)>& may_be_closed) {
  std::unordered_map<std::string, std::size_t> counts;
  for (const auto& connection : world.connections)
    if (may_be_closed(*connection)) ++counts[connection->address()];
  const auto now = std::chrono::steady_clock::now();
  const auto rank = [&](const HttpConnection& of) { return std::pair(counts[of.address()], now - of.idle_since()); };
  std::shared_ptr<HttpConnection> longest;
  for (const auto& connection : world.connections) {
    if (!may_be_closed(*connection)) continue;
    if (longest == nullptr || rank(*connection) > rank(*longest)) longest = connection;
  }
  if (longest == nullptr) return false;
  longest->make_room();
  return true;
}

// Among the connections of the token or tenant that holds most, if it holds more than `most_left_alone`.
bool HttpServer::Impl::ask_to_leave(std::size_t most_left_alone) {
  const auto now = std::chrono::steady_clock::now();
  const auto rank = [&](const HttpConnection& of) {
    const bool is_idle = of.use() == HttpConnection::Use::kIdle;
    const int use = is_idle ? 2 : of.use() == HttpConnection::Use::kWaits ? 1 : 0;
    return std::tuple(world.places.held_by(of.holder()), use, is_idle ? now - of.idle_since() : of.asked_at() - now);
  };
  std::shared_ptr<HttpConnection> first;
  for (const auto& connection : world.connections) {
    if (connection->use() == HttpConnection::Use::kCommand) continue;
    if (world.places.held_by(connection->holder()) <= most_left_alone) continue;
    if (first == nullptr || rank(*connection) > rank(*first)) first = connection;
  }
  if (first == nullptr) return false;
  close_turned_away();
  world.connections.erase(first);
  world.turned_away.insert(first);
  first->give_way();
  return true;
}

// An exception that escapes a handler concerns one connection. That connection loses its current step, and is closed
// when its caller leaves or the server stops.
void HttpServer::Impl::move() {
  name_thread("http");
  for (;;) {
    try {
      world.io.run();
      return;
    } catch (const std::exception& error) {
      world.routes.report("internal", error.what());
    }
  }
}

// Reads the new events' scopes only when a connection follows.
void HttpServer::Impl::watch(Sequence seen, const std::stop_token& stop) {
  name_thread("http-log-watch");
  follow_log(log, seen, stop, [this, &seen](Sequence last) {
    // A connection that begins to follow after this check reads the existing events first, so it misses nothing.
    if (world.followers > 0) notify_followers(seen, last);
    return seen = last;
  });
}

void HttpServer::Impl::notify_followers(Sequence seen, Sequence last) {
  const HttpNews recent = HttpNews::of(log, seen, last);
  {
    const MutexLock lock(news_mutex);
    news.add(recent);
  }
  if (wake_posted.exchange(true)) return;
  asio::post(world.io, [this] {
    wake_posted = false;
    HttpNews recent_news;
    {
      const MutexLock lock(news_mutex);
      std::swap(recent_news, news);
    }
    const auto connections = world.connections;  // Waking one may close it.
    for (const auto& connection : connections) connection->wake(recent_news);
  });
}

// Followers may wait for hours, so their tokens are checked whether or not there are new events.
void HttpServer::Impl::check_tokens() {
  token_check.expires_after(Session::kTokenCheckedEvery);
  token_check.async_wait([this](const Error& cancelled) {
    if (cancelled || world.stopping) return;
    check_tokens();
    if (world.followers == 0) return;
    for (const auto& connection : std::unordered_set(world.connections)) connection->check_token();
  });
}

void HttpServer::Impl::begin_stop() {
  world.stopping = true;
  Error ignored;
  acceptor.close(ignored);
  for (const auto& connection : std::unordered_set(world.connections)) connection->finish();
  for (const auto& connection : std::unordered_set(world.turned_away)) connection->finish();
  accept_again.cancel();
  token_check.cancel();
  if (world.connections.empty() && world.turned_away.empty()) return;
  world.drained.expires_after(world.options.drain);
  world.drained.async_wait([this](const Error& cancelled) {
    if (cancelled) return;
    for (const auto& connection : std::unordered_set(world.connections)) connection->close();
    for (const auto& connection : std::unordered_set(world.turned_away)) connection->close();
  });
}

HttpServer::HttpServer(const HttpOptions& options, HttpSources sources, const EventLog& log)
    : impl_(std::make_unique<Impl>(options, std::move(sources), log)) {
  impl_->listen();
  // Read before a caller can connect: it must be woken by every event that it did not find when it looked.
  const Sequence seen = log.last();
  impl_->accept();
  impl_->check_tokens();
  impl_->mover = std::thread([impl = impl_.get()] { impl->move(); });
  impl_->watcher = std::jthread([impl = impl_.get(), seen](const std::stop_token& stop) { impl->watch(seen, stop); });
}

HttpServer::~HttpServer() {
  stop();
}

std::uint16_t HttpServer::port() const noexcept {
  return impl_->port;
}

// A connection keeps the settings with which it began.
void HttpServer::replace_tls(const TlsIdentity& identity) {
  asio::post(impl_->world.io, [impl = impl_.get(), fresh = std::make_shared<HttpTls>(identity)] {
    RUNLEDGER_ASSERT(impl->world.tls != nullptr);
    impl->world.tls = fresh;
  });
}

void HttpServer::begin_stop() {
  if (impl_->stop_begun.exchange(true)) return;
  asio::post(impl_->world.io, [impl = impl_.get()] { impl->begin_stop(); });
}

void HttpServer::stop() {
  if (!impl_->mover.joinable()) return;
  begin_stop();
  impl_->mover.join();  // Ends when no connection and no work is left.
  impl_->watcher.request_stop();
  impl_->watcher.join();
  impl_->world.commands.join();
  impl_->world.probes.join();
  impl_->world.readers.join();
}

}  // namespace runledger
