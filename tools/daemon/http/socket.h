// The socket of one HTTP connection, with TLS or without. For http_connection.* and http_server.cc alone.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "clients/cpp/tls_files.h"

namespace runledger {

// How TLS is spoken on all connections of a server: 1.2 or newer, for HTTP/1.1 and no other protocol.
class HttpTls {
 public:
  // Throws Failure "tls.certificate_invalid" where OpenSSL cannot use what read_tls() gave.
  explicit HttpTls(const TlsIdentity& identity);
  ~HttpTls();

 private:
  friend class HttpSocket;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Of one thread. At most one read and one write at a time. What is passed to them, and the socket, must live until they
// end.
class HttpSocket {
 public:
  using Error = boost::system::error_code;
  using Ended = std::function<void(const Error&, std::size_t)>;

  // `tls` is not owned and must outlive it. Null: bytes go as they are.
  HttpSocket(boost::asio::ip::tcp::socket socket, HttpTls* tls);
  ~HttpSocket();

  [[nodiscard]] bool speaks_tls() const { return secured_ != nullptr; }
  // Once and before anything else, where TLS is spoken.
  void shake_hands(std::function<void(const Error&)> ended);
  // Of a handshake that failed: the other end was there, and spoke something else.
  [[nodiscard]] static bool is_of_tls(const Error& error);

  void read_some(boost::asio::mutable_buffer into, Ended ended);
  void write(std::string_view bytes, Ended ended);
  // A few bytes, without waiting. False: the connection cannot be used any more.
  [[nodiscard]] bool write_now(std::string_view bytes);
  // Tells the other end that nothing more comes; then there is no more to do but discard().
  void end_writing(std::function<void()> ended);
  void discard(boost::asio::mutable_buffer into, Ended ended);

  // Whether the other end sends nothing more, whatever of it is still to be read.
  [[nodiscard]] bool is_ended();
  // `told` comes once there are bytes to read, or the other end has ended, or something went wrong. Beside the others.
  void await_news(std::function<void()> told);

  // What is under way ends with an error.
  void cancel();
  void close();

 private:
  struct Secured;

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<Secured> secured_;  // Null: without TLS.
};

}  // namespace runledger
