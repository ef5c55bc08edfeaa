// The state machine of one HTTP connection: it reads a request, admits it, carries it out and writes the response.
//
// `phase_` says what the connection waits for, and `arm()` sets the one deadline of that phase:
//   kReading     advance() feeds the reader until the header is complete, admits the request by its header alone, and
//                then reads the body. A request that is refused is answered without reading the rest of it.
//   kWorking     carry_out() passes the call to a pool of threads, or answers it directly if its route is open.
//                No bytes are read in this phase; for a call that may wait long, the socket is watched for its end.
//   kWriting     respond() and write() send the response. on_written() goes back to kReading for the next request.
//   kFollowing   A response with `follows` becomes a stream: pull() lets a reader thread read a page of events, and
//                on_pulled() writes it. Without news the connection waits for wake(), and sends a heartbeat at each
//                deadline.
//   kLingering   Before a close, the write side is shut down and input is discarded for a while.
//   kClosed      Final. Every completion handler checks for it first.
//
// Everything here runs on the thread of world_.io. Work on other threads holds a Ticket, which keeps the connection
// alive and io.run() from returning, and posts its result back. The invariant: at most one read, one write and one
// timer are pending, and each handler checks that phase (or the deadline's number) is still the one that it was for.
#include "tools/daemon/http/connection.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <ctime>
#include <iterator>
#include <utility>

#include "ledger/base/assert.h"
#include "tools/daemon/http/problem.h"
#include "tools/daemon/peer_address.h"

namespace runledger {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

constexpr std::size_t kNotWorthCounting = 16 * 1024;  // Uncounted, so that "overloaded" itself can always be answered.
constexpr auto kChangesApart = std::chrono::milliseconds(250);
constexpr auto kLookForCallerEvery = std::chrono::milliseconds(500);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

Rejection no_place() {
  return reject("overloaded", "expected room for another connection, found none");
}

Rejection made_room() {
  return reject("overloaded", "expected room for others, found that this caller holds the most places");
}

}  // namespace

// Accompanies work on other threads. Members are destroyed from the last to the first: first the reference to the
// connection, then the guard that keeps io.run() from returning. The server waits for io.run(), so it still exists when
// the connection is destroyed.
struct HttpConnection::Ticket {
  asio::executor_work_guard<asio::io_context::executor_type> at_work;
  std::shared_ptr<HttpConnection> connection;

  explicit Ticket(std::shared_ptr<HttpConnection> of)
      : at_work(of->world_.io.get_executor()), connection(std::move(of)) {}
};

HttpConnection::HttpConnection(HttpShared& world, asio::ip::tcp::socket socket)
    : world_(world),
      address_(peer_address(socket.native_handle())),
      socket_(std::move(socket), world.tls.get()),
      timer_(world.io),
      reader_(world.options.framing) {}

void HttpConnection::start() {
  counted_ = world_.options.watch != nullptr;
  if (counted_) world_.options.watch->connection_opened(Transport::kHttp);
  handshake([this] { advance(); });
}

// A probe is served even now, so the header is read first.
void HttpConnection::turn_away() {
  turned_away_ = true;
  turned_away_at_ = std::chrono::steady_clock::now();
  handshake([this] { advance(); });
}

void HttpConnection::finish() {
  const bool idle = phase_ == Phase::kReading && !reader_.begun();
  if (idle || followed_) return close();
  if (call_) call_->caller->go();
}

void HttpConnection::close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  is_closed_ = true;
  if (followed_) --world_.followers;
  if (counted_) world_.options.watch->connection_closed(Transport::kHttp);
  waits_ = false;
  if (call_) call_->caller->go();
  release();
  count_for({});
  disarm();
  socket_.close();
  world_.connections.erase(shared_from_this());
  world_.turned_away.erase(shared_from_this());
  if (world_.stopping && world_.connections.empty() && world_.turned_away.empty()) world_.drained.cancel();
}

HttpConnection::Use HttpConnection::use() const {
  if (!known_ && phase_ != Phase::kWorking) return Use::kUnknown;
  switch (phase_) {
    case Phase::kReading:
      return reader_.begun() ? Use::kWorks : Use::kIdle;
    case Phase::kWorking:
      if (call_->route->waits) return Use::kWaits;
      return HttpRoutes::is_command(*call_) ? Use::kCommand : Use::kWorks;
    case Phase::kWriting:
    case Phase::kLingering:
    case Phase::kClosed:
      return followed_ ? Use::kWaits : Use::kWorks;
    case Phase::kFollowing:
      return Use::kWaits;
  }
  return Use::kUnknown;
}

void HttpConnection::make_room() {
  report_close(CloseReason::kMadeRoom);
  close();
}

// A page or a response that is being written is completed first, if the caller takes it soon. What a claim has been
// given meanwhile is handed over.
void HttpConnection::give_way() {
  report_close(CloseReason::kMadeRoom);
  gives_way_ = true;
  turned_away_at_ = std::chrono::steady_clock::now();
  hands_over_ = (phase_ == Phase::kWorking || phase_ == Phase::kWriting) && call_ && call_->route->waits;
  count_for({});
  switch (phase_) {
    case Phase::kReading:
      if (!reader_.begun()) return close();
      return socket_.cancel();  // on_bytes() answers, once the cancelled read has ended.
    case Phase::kWorking:
      if (call_->route->waits) return call_->caller->go();
      return respond_and_close(problem(made_room()));
    case Phase::kWriting:
      closes_ = true;
      return arm(world_.options.linger);
    case Phase::kFollowing:
      if (waits_) end_stream(stream_end(problem(made_room())));
      return;
    case Phase::kLingering:
    case Phase::kClosed:
      return close();
  }
}

void HttpConnection::count_for(const Holder& holder) {
  if (holder == holder_) return;
  if (holder_ != Holder{}) world_.places.remove(holder_);
  holder_ = holder;
  if (holder_ != Holder{}) world_.places.add(holder_);
}

// --- deadlines -----------------------------------------------------------------------------------------------------

void HttpConnection::arm(std::chrono::milliseconds after) {
  timed_out_ = false;
  timer_.expires_after(after);
  timer_.async_wait([self = shared_from_this(), deadline = ++deadline_](const Error& error) {
    if (!error && deadline == self->deadline_) self->on_deadline();
  });
}

// A connection that gave way has been reported already.
void HttpConnection::report_close(CloseReason why) const {
  if (world_.options.watch != nullptr && !gives_way_) world_.options.watch->connection_cut(Transport::kHttp, why);
}

void HttpConnection::disarm() {
  ++deadline_;
  timer_.cancel();
}

void HttpConnection::on_deadline() {
  switch (phase_) {
    case Phase::kReading: {
      report_close(first_ || reader_.begun() ? CloseReason::kSlowSender : CloseReason::kIdle);
      timed_out_ = true;  // on_bytes() answers, once the cancelled read has ended.
      socket_.cancel();
      return;
    }
    case Phase::kFollowing:
      if (std::exchange(rests_, false)) return pull();
      waits_ = false;
      return write(kStreamHeartbeat);
    case Phase::kWriting:
      report_close(CloseReason::kSlowReader);
      return close();
    case Phase::kLingering:
      return close();
    case Phase::kWorking:
      return check_caller();
    case Phase::kClosed:
      return;
  }
}

// --- TLS -----------------------------------------------------------------------------------------------------------

void HttpConnection::handshake(std::function<void()> then) {
  if (!socket_.speaks_tls()) return then();
  stage_ = Stage::kHeader;
  arm(turned_away_ ? world_.options.linger : world_.options.header_deadline);
  socket_.handshake([self = shared_from_this(), then = std::move(then)](const Error& error) {
    if (self->phase_ != Phase::kReading) return;
    if (!error) return then();
    if (self->timed_out_ || !HttpSocket::is_of_tls(error)) return self->close();
    if (self->world_.options.watch != nullptr)
      self->world_.options.watch->handshake_failed(Transport::kHttp, error.message());
    if (!HttpSocket::is_of_plain_http(error)) return self->linger();
    asio::post(self->world_.io,
               [self] { self->explain_tls(); });  // After this handler, which is one of the TLS stream.
  });
}

// A person with a browser or curl sees an answer, and not a connection that ends.
void HttpConnection::explain_tls() {
  if (phase_ != Phase::kReading) return;
  socket_.drop_tls();
  respond_and_close(problem(
      reject("tls.expected", "expected TLS on this port, found HTTP without it: use an address with https://")));
}

// --- reading -------------------------------------------------------------------------------------------------------

void HttpConnection::advance() {
  phase_ = Phase::kReading;
  for (;;) {
    switch (reader_.advance()) {
      case HttpReader::Progress::kNeedsBytes:
        return await_bytes();
      case HttpReader::Progress::kHead:
        has_head_ = true;
        asked_at_ = std::chrono::steady_clock::now();
        if (!admit()) return;
        break;
      case HttpReader::Progress::kComplete:
        return carry_out();
      case HttpReader::Progress::kRefused:
        return respond_and_close(problem(reader_.refusal()));
    }
  }
}

void HttpConnection::await_bytes() {
  const bool begun = first_ || reader_.begun();
  const Stage stage = has_head_ ? Stage::kBody : begun ? Stage::kHeader : Stage::kIdle;
  if (stage == Stage::kIdle && world_.stopping) return close();
  if (stage != stage_) {
    stage_ = stage;
    const HttpOptions& options = world_.options;
    arm(turned_away_              ? options.linger
        : stage == Stage::kBody   ? options.body_deadline
        : stage == Stage::kHeader ? options.header_deadline
                                  : options.idle_deadline);
  }
  socket_.read_some(asio::buffer(in_), [self = shared_from_this()](const Error& error, std::size_t count) {
    self->on_bytes(error, count);
  });
}

void HttpConnection::on_bytes(const Error& error, std::size_t count) {
  if (phase_ != Phase::kReading) return;
  const bool begun = reader_.begun();
  if (gives_way_) return respond_and_close(problem(made_room()));
  if (timed_out_ && turned_away_) return respond_and_close(problem(no_place()));
  if (timed_out_ && begun)
    return respond_and_close(problem(reject("http.timeout", "expected the request to come faster")));
  if (!timed_out_ && error == asio::error::eof && begun)
    return respond_and_close(problem(reject("http.malformed", "expected a whole request, found the end of it")));
  if (timed_out_ || error) return close();
  reader_.add(std::string_view(in_.data(), count));
  advance();
}

// Returns false when the request has been answered, or the connection has been closed.
bool HttpConnection::admit() {
  const bool has_body = reader_.request().has_body;
  const bool expects_continue = reader_.request().expects_continue;
  auto admitted = world_.routes.admit(reader_.request());
  if (auto* refusal = std::get_if<HttpResponse>(&admitted)) {
    respond(std::move(*refusal));
    return false;
  }
  call_ = std::make_shared<HttpCall>(std::get<HttpCall>(std::move(admitted)));
  if (turned_away_ && !HttpRoutes::is_probe(*call_)) {
    respond_and_close(problem(no_place()));
    return false;
  }
  known_ = known_ || call_->session;
  if (call_->session && !turned_away_) count_for(call_->session->holder());
  if (!hold(reader_.request().body_bytes)) {
    respond(problem(reject("overloaded", "expected room for the body, found none")));
    return false;
  }
  // Written without waiting: it is so short that it fits into the socket's buffer.
  if (!has_body || !expects_continue || socket_.write_now(kContinue)) return true;
  close();
  return false;
}

void HttpConnection::carry_out() {
  phase_ = Phase::kWorking;
  disarm();
  call_->request.body = std::move(reader_.request().body);
  const HttpRoutes& routes = world_.routes;
  if (HttpRoutes::is_instant(*call_)) {
    return routes.carry_out(*call_,
                            [self = shared_from_this()](HttpResponse response) { self->respond(std::move(response)); });
  }
  const HttpRespond respond_later = [ticket = Ticket(shared_from_this())](HttpResponse response) {
    asio::post(ticket.connection->world_.io, [self = ticket.connection, response = std::move(response)]() mutable {
      // A read that gave way has been answered already.
      if (self->phase_ == Phase::kWorking) self->respond(std::move(response));
    });
  };
  if (call_->route->waits) {
    if (world_.stopping) call_->caller->go();
    watch_caller();
  }
  if (HttpRoutes::is_command(*call_))
    return world_.commands.post(call_->who,
                                [&routes, call = call_, respond_later] { routes.carry_out(*call, respond_later); });
  HttpThreads& threads = HttpRoutes::is_probe(*call_) ? world_.probes : world_.readers;
  threads.post(call_->who, [&routes, call = call_, respond_later, &closed = is_closed_] {
    if (!closed) routes.carry_out(*call, respond_later);  // No caller is left to read the answer.
  });
}

// Waits until the socket is readable: the caller has closed its side, or has sent bytes of its next request.
void HttpConnection::watch_caller() {
  socket_.await_readable([self = shared_from_this(), call = call_] {
    if (self->phase_ == Phase::kWorking && self->call_ == call) self->check_caller();
  });
}

// A caller that has closed its sending side counts as gone. If there are unread bytes instead, waiting for readability
// would return immediately, so the connection checks again after a while.
void HttpConnection::check_caller() {
  if (socket_.is_ended()) return call_->caller->go();
  arm(kLookForCallerEvery);
}

bool HttpConnection::hold(std::size_t bytes) {
  if (bytes <= kNotWorthCounting) return true;
  const Holder& holder = call_ && call_->session ? call_->session->holder() : Holder{};
  const std::size_t most = world_.options.held_bytes_max;
  const bool is_over = world_.bytes.held_by(holder) + bytes > most / Shares::kSharesOfAll;
  if (world_.held_bytes + bytes > most || is_over) return false;
  if (held_ == 0) held_for_ = holder;
  RUNLEDGER_ASSERT(held_for_ == holder);
  held_ += bytes;
  world_.held_bytes += bytes;
  world_.bytes.add(holder, bytes);
  return true;
}

void HttpConnection::release() {
  if (held_ == 0) return;
  world_.held_bytes -= held_;
  world_.bytes.remove(held_for_, held_);
  held_ = 0;
}

// --- writing -------------------------------------------------------------------------------------------------------

std::string HttpConnection::header_of(const HttpResponse& response) const {
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status), http_date());
  const auto out = std::back_inserter(text);
  if (!response.content_type.empty()) fmt::format_to(out, "Content-Type: {}\r\n", response.content_type);
  const bool has_length = !response.follows && response.status != 204 && response.status != 304;  // RFC 9110, 8.6.
  if (has_length) fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
  for (const auto& [name, value] : response.headers) fmt::format_to(out, "{}: {}\r\n", name, value);
  fmt::format_to(out, "Cache-Control: {}\r\nX-Content-Type-Options: nosniff\r\n", response.cache_control);
  if (closes_) text += "Connection: close\r\n";
  text += "\r\n";
  return text;
}

void HttpConnection::report_answered(const HttpResponse& response) const {
  DaemonWatch* const watch = world_.options.watch;
  if (watch == nullptr) return;
  const auto now = std::chrono::steady_clock::now();
  watch->answered({.route = call_ ? call_->route->path : std::string_view(),
                   .method = call_ ? call_->route->method : std::string_view(),
                   .status = response.status,
                   .code = response.code,
                   .took = has_head_ ? now - asked_at_ : std::chrono::steady_clock::duration()});
}

void HttpConnection::respond(HttpResponse response) {
  if (phase_ == Phase::kClosed) return;
  if (gives_way_ && call_ && call_->route->waits && response.status == 204) response = problem(made_room());
  if (!hold(response.body.size()))
    response = problem(reject("overloaded", "expected room for the response, found none: ask for less, or later"));
  report_answered(response);
  if (has_head_) world_.routes.open_to_origin(reader_.request(), response);
  // The body of a refused request is not read. Then the start of the next request is unknown: the connection closes.
  const bool whole = has_head_ && reader_.advance() == HttpReader::Progress::kComplete;
  const bool is_head = has_head_ && reader_.request().method == "HEAD";
  closes_ = response.closes || !whole || !reader_.request().keep_alive || world_.stopping || turned_away_ || gives_way_;
  if (response.follows && !is_head) {
    followed_ = response.follows;
    follows_changes_ = response.follows_changes;
    ++world_.followers;
  }
  std::string bytes = header_of(response);
  if (!is_head) bytes += response.body;
  write(std::move(bytes));
}

void HttpConnection::respond_and_close(HttpResponse response) {
  response.closes = true;
  respond(std::move(response));
}

void HttpConnection::write(std::string bytes) {
  phase_ = Phase::kWriting;
  out_ = std::move(bytes);
  arm(world_.options.write_deadline);
  socket_.write(out_, [self = shared_from_this()](const Error& error, std::size_t) {
    if (self->phase_ == Phase::kClosed) return;
    if (error) return self->close();
    self->on_written();
  });
}

void HttpConnection::on_written() {
  disarm();
  release();
  out_ = {};
  if (followed_) {
    if (ends_) return close();
    if (gives_way_) return end_stream(stream_end(problem(made_room())));
    if (!std::exchange(discards_, true)) discard();
    return follows_changes_ ? rest() : pull();
  }
  if (closes_) return linger();
  call_ = nullptr;
  first_ = false;
  has_head_ = false;
  stage_ = Stage::kNone;
  idle_since_ = std::chrono::steady_clock::now();
  reader_.next();
  advance();
}

// Shuts down only the write side, and discards input for a while. Closing a socket with unread input makes the system
// send a reset, and the caller would lose the part of the response that it has not read yet.
void HttpConnection::linger() {
  phase_ = Phase::kLingering;
  arm(world_.options.linger);
  socket_.end_writing([self = shared_from_this()] {
    if (self->phase_ != Phase::kClosed) self->read_to_the_end();
  });
}

void HttpConnection::read_to_the_end() {
  socket_.discard(asio::buffer(in_), [self = shared_from_this()](const Error& error, std::size_t) {
    if (self->phase_ == Phase::kClosed) return;
    if (error) return self->close();
    self->read_to_the_end();
  });
}

// Reads and ignores input while a stream is written: only a read shows that the caller has closed the connection.
void HttpConnection::discard() {
  socket_.read_some(asio::buffer(in_), [self = shared_from_this()](const Error& error, std::size_t) {
    if (self->phase_ == Phase::kClosed) return;
    if (error) return self->close();
    self->discard();
  });
}

// --- following -----------------------------------------------------------------------------------------------------

void HttpConnection::wake(const HttpNews& news) {
  if (!followed_ || !call_->session || !news.concern(call_->session->grant())) return;
  has_news_ = true;
  if (!waits_) return;
  waits_ = false;
  disarm();
  pull();
}

// A run that changes all the time is told of once for each rest.
void HttpConnection::rest() {
  phase_ = Phase::kFollowing;
  rests_ = true;
  arm(kChangesApart);
}

// Requests the next page. It is called only after the last page was written, so a slow reader costs one page of memory.
void HttpConnection::pull() {
  phase_ = Phase::kFollowing;
  has_news_ = false;
  world_.readers.post(call_->who, [ticket = Ticket(shared_from_this()), session = *call_->session, after = *followed_,
                                   read = follows_changes_ ? read_changes : read_stream] {
    if (ticket.connection->is_closed_) return;
    asio::post(ticket.connection->world_.io, [self = ticket.connection, streamed = read(session, after)]() mutable {
      self->on_pulled(std::move(streamed));
    });
  });
}

void HttpConnection::on_pulled(StreamedEvents streamed) {
  if (phase_ == Phase::kClosed) return;
  if (streamed.ends) return end_stream(std::move(streamed.text));
  if (gives_way_) return end_stream(stream_end(problem(made_room())));
  const bool moved = streamed.next != *followed_;
  followed_ = streamed.next;
  if (!hold(streamed.text.size())) return close();
  if (!streamed.text.empty()) return write(std::move(streamed.text));
  if (moved || has_news_) return pull();
  waits_ = true;
  arm(world_.options.follow_heartbeat);
}

// While a page is read there is nothing to do, because the read checks the token itself. A page that is being written
// gets until the next check, so that a caller that takes it is told why the stream ends.
void HttpConnection::check_token() {
  if (!followed_ || ends_ || !(waits_ || phase_ == Phase::kWriting)) return;
  const std::optional<HttpResponse> refusal = world_.routes.refuse_ended_token(*call_);
  if (!refusal) return;
  if (waits_) return end_stream(stream_end(*refusal));
  if (std::exchange(token_ended_, true)) close();
}

void HttpConnection::end_stream(std::string last_event) {
  waits_ = false;
  ends_ = true;
  write(std::move(last_event));
}

}  // namespace runledger
