// One connection of the HTTP server. At home in http_connection.cc and http_server.cc; nobody else includes this.
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

#include "tools/daemon/http/options.h"
#include "tools/daemon/http/reader.h"
#include "tools/daemon/http/routes.h"
#include "tools/daemon/http/socket.h"
#include "tools/daemon/http/stream.h"
#include "tools/daemon/http/threads.h"

namespace runledger {

class HttpConnection;

// What the connections of one server share. Of the thread of `io`, but for the routes, which any thread may use.
struct HttpShared {
  HttpOptions options;
  HttpRoutes routes;
  boost::asio::io_context io{1};
  std::optional<HttpTls> tls;
  HttpThreads commands;  // They hand on and do not wait, so that no read stands in their way.
  HttpThreads readers;
  std::unordered_set<std::shared_ptr<HttpConnection>> connections;  // Those that are open,
  std::unordered_set<std::shared_ptr<HttpConnection>>
      turned_away;                                       // and those that are being told that there is no room.
  std::size_t held_bytes = 0;                            // See HttpOptions::held_bytes_max.
  std::unordered_map<std::size_t, std::size_t> held_by;  // The same by caller.
  std::atomic<std::size_t> followers = 0;                // Connections that follow the events. Of any thread.
  bool stopping = false;
  boost::asio::steady_timer drained{io};  // Once it stops: until what is left is closed.

  HttpShared(const HttpOptions& options_, HttpSources sources)
      : options(options_),
        routes(std::move(sources), options_.access),
        commands(options_.command_threads),
        readers(options_.readers) {
    if (options_.tls) tls.emplace(*options_.tls);
  }
};

// Of the thread of world.io alone. Reading, carrying out and writing take turns, so there is one request at a time, and
// nothing is read while nothing can be done with it. Lives as long as something is under way, and in the world's set
// until closed.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpShared& world, boost::asio::ip::tcp::socket socket);

  void start();
  // Says that there are too many, and closes.
  void turn_away();
  // Closes if nothing is under way; else after the response, which is not waited for where it may take long.
  void finish();
  // The log has grown.
  void wake(const HttpNews& news);
  void close();

  // Whose it is; see peer_address().
  [[nodiscard]] const std::string& address() const { return address_; }
  // Its caller does nothing, or has not shown yet who it is.
  [[nodiscard]] bool can_make_room() const;
  [[nodiscard]] std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }
  // Requires can_make_room().
  void make_room();

 private:
  enum class Phase { kReading, kWorking, kWriting, kFollowing, kLingering, kClosed };
  enum class Stage { kNone, kIdle, kHeader, kBody };  // Of reading; each has its deadline.
  struct Ticket;

  void arm(std::chrono::milliseconds after);
  void disarm();
  void on_deadline();
  void tell_cut(CloseReason why) const;

  // Under the deadline of the first request.
  void shake_hands(std::function<void()> then);
  void advance();
  void await_bytes();
  void on_bytes(const boost::system::error_code& error, std::size_t count);
  [[nodiscard]] bool admit();
  // Accounts for bytes that stay in memory until let_go(). False: there is no room for them.
  [[nodiscard]] bool hold(std::size_t bytes);
  void let_go();
  void carry_out();
  void watch_caller();
  void look_for_caller();

  void respond(HttpResponse response);
  void tell_answered(const HttpResponse& response) const;
  [[nodiscard]] std::string header_of(const HttpResponse& response) const;
  void write(std::string bytes);
  void on_written();
  void linger();
  void discard();
  void read_to_the_end();

  void pull();
  void on_pulled(StreamedEvents streamed);

  HttpShared& world_;
  std::string address_;
  HttpSocket socket_;
  boost::asio::steady_timer timer_;
  std::uint64_t deadline_ = 0;  // Counts deadlines, so that an old one that fires late is known.
  bool timed_out_ = false;
  Phase phase_ = Phase::kReading;
  Stage stage_ = Stage::kNone;
  bool counted_ = false;   // Among the open ones, by whoever watches.
  bool first_ = true;      // No request has come yet.
  bool has_head_ = false;  // Of the request that is being read.
  bool known_ = false;     // A request of its has shown a good token.
  std::chrono::steady_clock::time_point idle_since_ = std::chrono::steady_clock::now();  // While nothing is under way.
  std::atomic<bool> is_closed_ = false;  // As phase_ says; of any thread.

  HttpReader reader_;
  std::array<char, 8192> in_{};
  std::string out_;
  std::size_t held_ = 0;      // Bytes, of world_.held_bytes,
  std::size_t held_for_ = 0;  // and whose they are.
  std::shared_ptr<HttpCall> call_;
  std::chrono::steady_clock::time_point asked_at_;  // When the header of the request under way was there.
  bool closes_ = false;                             // After what is being written.

  std::optional<Sequence> followed_;  // The last position that was streamed.
  bool has_news_ = false;             // Since the page that is being read was asked for.
  bool waits_ = false;                // For news.
  std::chrono::steady_clock::time_point looked_at_token_;
};

}  // namespace runledger
