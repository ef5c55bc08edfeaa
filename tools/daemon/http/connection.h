// One connection of the HTTP server. Only http/connection.cc and http/server.cc include this.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "ledger/base/shares.h"
#include "tools/daemon/http/options.h"
#include "tools/daemon/http/reader.h"
#include "tools/daemon/http/routes.h"
#include "tools/daemon/http/socket.h"
#include "tools/daemon/http/stream.h"
#include "tools/daemon/http/threads.h"

namespace runledger {

class HttpConnection;

// The state that all connections of one server share. Only the thread that runs `io` uses it, except for the routes,
// the three pools of threads and `followers`, which any thread may use.
struct HttpShared {
  HttpOptions options;
  HttpRoutes routes;
  boost::asio::io_context io{1};
  std::shared_ptr<HttpTls> tls;  // Null: without TLS.
  HttpThreads commands;          // Pass commands to the ledger. They do not wait, and never queue after a slow read.
  HttpThreads probes{1};         // Prints the metrics, which therefore do not queue after a slow read.
  HttpThreads readers;           // Carry out reads, which may wait for a disk or for the rows.
  // Open connections; membership keeps a connection alive.
  std::unordered_set<std::shared_ptr<HttpConnection>> connections;
  // Connections without a place, which are being told "overloaded": they came when there was none, or gave theirs away.
  std::unordered_set<std::shared_ptr<HttpConnection>> turned_away;
  Shares places;                           // Of `connections`; those without a token are not counted.
  std::size_t held_bytes = 0;              // See HttpOptions::held_bytes_max.
  Shares bytes;                            // The same for each holder.
  std::atomic<std::size_t> followers = 0;  // Connections that follow the events.
  bool stopping = false;
  boost::asio::steady_timer drained{io};  // Runs once the server stops; when it expires, all connections are closed.

  HttpShared(const HttpOptions& options_, HttpSources sources)
      : options(options_),
        routes(std::move(sources), options_.access, options_.tls ? "https" : "http"),
        commands(options_.command_threads),
        readers(options_.readers) {
    if (options_.tls) tls = std::make_shared<HttpTls>(*options_.tls);
  }
};

// Reads requests from one socket, carries them out and writes the responses, one request at a time: a connection reads
// nothing that it cannot process yet. Only the thread that runs world.io uses it. It stays alive while it is a member
// of one of the two sets, that is until close(), and while an operation of it is under way.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  // `world` is not owned and must outlive the connection.
  HttpConnection(HttpShared& world, boost::asio::ip::tcp::socket socket);

  // Serves requests. Requires that the connection is a member of world.connections.
  void start();
  // Answers a probe, or anything else with "overloaded", and closes. Requires that the connection is a member of
  // world.turned_away.
  void turn_away();
  // For a server that stops: closes the connection immediately when it is idle or follows events, otherwise after the
  // response under way. A call that still waits is withdrawn, so that its response comes soon.
  void finish();
  // The log has grown: a connection that follows events reads on if `news` concerns its caller.
  void wake(const HttpNews& news);
  // Ends a stream whose token has ended: with an event that says why, or by closing a connection whose caller takes
  // nothing. To be called every Session::kTokenCheckedEvery.
  void check_token();
  // Closes the socket and leaves the sets; operations under way end without effect. May be called again.
  void close();

  // The caller's address; see peer_address().
  [[nodiscard]] const std::string& address() const { return address_; }
  // What the place of the connection is used for.
  enum class Use {
    kUnknown,  // It has not authenticated.
    kIdle,     // It waits for the caller's next request.
    kWaits,    // It follows the events, or a claim waits.
    kWorks,    // A request is being read, carried out or answered.
    kCommand,  // A command is under way, which is quick, and whose answer must reach its caller.
  };
  [[nodiscard]] Use use() const;
  [[nodiscard]] const Holder& holder() const { return holder_; }
  [[nodiscard]] std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }
  [[nodiscard]] std::chrono::steady_clock::time_point asked_at() const { return asked_at_; }  // The last request.
  // When turn_away() or give_way() was called.
  [[nodiscard]] std::chrono::steady_clock::time_point turned_away_at() const { return turned_away_at_; }
  // Whether it gave way while its claim waited, and the answer, which may be a run, has not been written yet.
  [[nodiscard]] bool hands_over() const { return hands_over_ && phase_ != Phase::kLingering; }
  // Closes the connection in favour of another one.
  void make_room();
  // The same, but tells the caller "overloaded" first. Requires that the connection was moved to world.turned_away, and
  // that no command is under way.
  void give_way();

 private:
  enum class Phase { kReading, kWorking, kWriting, kFollowing, kLingering, kClosed };
  enum class Stage { kNone, kIdle, kHeader, kBody };  // Within kReading; each stage has its own deadline.
  struct Ticket;

  void arm(std::chrono::milliseconds after);
  void disarm();
  void on_deadline();
  void report_close(CloseReason why) const;

  // Does the TLS handshake, if there is one, and then calls `then`. The deadline is that of the first request's header.
  void handshake(std::function<void()> then);
  void explain_tls();
  void advance();
  void await_bytes();
  void on_bytes(const boost::system::error_code& error, std::size_t count);
  [[nodiscard]] bool admit();
  // Accounts for bytes that stay in memory until release(). Returns false when that would exceed a limit.
  [[nodiscard]] bool hold(std::size_t bytes);
  void release();
  void count_for(const Holder& holder);
  void carry_out();
  void watch_caller();
  void check_caller();

  void respond(HttpResponse response);
  void respond_and_close(HttpResponse response);
  void report_answered(const HttpResponse& response) const;
  [[nodiscard]] std::string header_of(const HttpResponse& response) const;
  void write(std::string bytes);
  void on_written();
  void linger();
  void discard();
  void read_to_the_end();

  void rest();
  void pull();
  void on_pulled(StreamedEvents streamed);
  void end_stream(std::string last_event);

  HttpShared& world_;
  std::string address_;
  HttpSocket socket_;
  boost::asio::steady_timer timer_;
  std::uint64_t deadline_ = 0;  // The number of the current deadline, by which a handler of an old one is recognised.
  bool timed_out_ = false;      // The deadline of the current read has passed.
  Phase phase_ = Phase::kReading;
  Stage stage_ = Stage::kNone;
  bool counted_ = false;      // The watch counts it as an open connection.
  bool first_ = true;         // The first request has not been answered yet.
  bool has_head_ = false;     // The header of the current request has been read.
  bool known_ = false;        // One of its requests had a valid token.
  bool turned_away_ = false;  // turn_away() was called.
  bool gives_way_ = false;    // give_way() was called.
  bool hands_over_ = false;   // give_way() was called while a claim waited or its answer was being written.
  std::chrono::steady_clock::time_point turned_away_at_;
  Holder holder_;  // For whom its place is counted in world_.places.
  // When the last response was written, or at first when the connection was accepted.
  std::chrono::steady_clock::time_point idle_since_ = std::chrono::steady_clock::now();
  std::atomic<bool> is_closed_ = false;  // Whether phase_ is kClosed, for other threads.

  HttpReader reader_;
  std::array<char, 8192> in_{};
  std::string out_;
  std::size_t held_ = 0;            // This connection's share of world_.held_bytes.
  Holder held_for_;                 // For whom `held_` is counted.
  std::shared_ptr<HttpCall> call_;  // The request under way. Null: it was not admitted, or there is none.
  std::chrono::steady_clock::time_point asked_at_;  // When the header of the current request was complete.
  bool closes_ = false;                             // The connection ends after the response that is being written.

  std::optional<Sequence> followed_;  // The last position that was streamed. Absent: it does not follow events.
  bool follows_changes_ = false;      // It streams changed runs instead of events.
  bool rests_ = false;                // It waits before it pulls again.
  bool has_news_ = false;             // The log has grown since the current page was requested.
  bool waits_ = false;                // The caller has everything; wake() starts the next page.
  bool discards_ = false;             // discard() was called.
  bool token_ended_ = false;          // check_token() found that the token has ended while a page was being written.
  bool ends_ = false;                 // The stream's last event is being written.
};

}  // namespace runledger
