// The socket of one HTTP connection, with or without TLS. Only http/connection.* and http/server.cc use it.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "clients/cpp/tls_files.h"

namespace runledger {

// The TLS settings of all connections of a server: TLS 1.2 or newer, for HTTP/1.1 and no other protocol.
class HttpTls {
 public:
  // Throws Failure "tls.certificate_invalid" when OpenSSL cannot use the identity that read_tls() returned.
  explicit HttpTls(const TlsIdentity& identity);
  ~HttpTls();

 private:
  friend class HttpSocket;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Used by the io thread only. At most one read and one write may be under way at a time. The buffers that are passed to
// them, and the socket, must live until they end.
class HttpSocket {
 public:
  using Error = boost::system::error_code;
  using Ended = std::function<void(const Error&, std::size_t)>;

  // `tls` is not owned, and need not outlive the constructor. Null: no TLS.
  HttpSocket(boost::asio::ip::tcp::socket socket, HttpTls* tls);
  ~HttpSocket();

  [[nodiscard]] bool speaks_tls() const { return secured_ != nullptr; }
  // Does the TLS handshake. Requires speaks_tls(); called once, before any other operation.
  void handshake(std::function<void(const Error&)> ended);
  // Whether a handshake failed because of the bytes that the other end sent, and not because the connection broke.
  [[nodiscard]] static bool is_of_tls(const Error& error);
  // Whether it failed because the other end speaks HTTP without TLS.
  [[nodiscard]] static bool is_of_plain_http(const Error& error);
  // Goes on without TLS after such a handshake, to say so. Not to be called while the handshake's handler runs.
  void drop_tls();

  void read_some(boost::asio::mutable_buffer into, Ended ended);
  void write(std::string_view bytes, Ended ended);
  // Writes a few bytes without waiting. Returns false when the connection cannot be used any more.
  [[nodiscard]] bool write_now(std::string_view bytes);
  // Tells the other end that no more bytes will come. Afterwards only discard() and close() are allowed.
  void end_writing(std::function<void()> ended);
  // Reads bytes that are not used; after end_writing().
  void discard(boost::asio::mutable_buffer into, Ended ended);

  // Whether the other end has closed its side, even if bytes are still unread.
  [[nodiscard]] bool is_ended();
  // Calls `ready` once there are bytes to read, the other end has closed its side, or the socket has failed. May be
  // used at the same time as the other operations.
  void await_readable(std::function<void()> ready);

  // Ends the operations under way with an error.
  void cancel();
  void close();

 private:
  struct Secured;

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<Secured> secured_;  // Null: without TLS.
};

}  // namespace runledger
