// Passes each operation to the TCP socket, or to the TLS stream on top of it.
#include "tools/daemon/http/socket.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "ledger/base/failure.h"

namespace runledger {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// The list of protocols in the form of ALPN: each name has its length before it.
constexpr unsigned char kProtocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
// The cipher suites of TLS 1.2 with forward secrecy and authenticated encryption. TLS 1.3 has no others.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

// RFC 7301, 3.2: a caller that offers protocols, but not ours, gets the alert no_application_protocol.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), chosen_size, kProtocols,
                                          sizeof(kProtocols), offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

struct HttpTls::Impl {
  asio::ssl::context context{asio::ssl::context::tls_server};
};

struct HttpSocket::Secured {
  asio::ssl::stream<tcp::socket&> stream;
  bool ready = false;  // The handshake is over.
};

HttpTls::HttpTls(const TlsIdentity& identity) : impl_(std::make_unique<Impl>()) {
  asio::ssl::context& context = impl_->context;
  HttpSocket::Error error;
  context.use_certificate_chain(asio::buffer(identity.certificate), error);
  if (!error) context.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem, error);
  if (error)
    throw Failure(Remedy::kCorrectInput, "tls.certificate_invalid",
                  "expected a certificate and a key that can be used, found some that cannot");
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, kCiphers);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // Most connections are idle.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);
}

HttpTls::~HttpTls() = default;

HttpSocket::HttpSocket(tcp::socket socket, HttpTls* tls) : socket_(std::move(socket)) {
  if (tls != nullptr) secured_.reset(new Secured{asio::ssl::stream<tcp::socket&>(socket_, tls->impl_->context)});
}

HttpSocket::~HttpSocket() = default;

void HttpSocket::handshake(std::function<void(const Error&)> ended) {
  secured_->stream.async_handshake(asio::ssl::stream_base::server,
                                   [this, ended = std::move(ended)](const Error& error) {
                                     secured_->ready = !error;
                                     ended(error);
                                   });
}

bool HttpSocket::is_of_tls(const Error& error) {
  return error.category() == asio::error::get_ssl_category();
}

// OpenSSL looks for the methods GET, HEAD, POST and PUT, and has sent nothing then.
bool HttpSocket::is_of_plain_http(const Error& error) {
  const auto code = static_cast<unsigned long>(error.value());
  return is_of_tls(error) && ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST;
}

void HttpSocket::drop_tls() {
  secured_.reset();
}

void HttpSocket::read_some(asio::mutable_buffer into, Ended ended) {
  if (secured_) return secured_->stream.async_read_some(into, std::move(ended));
  socket_.async_read_some(into, std::move(ended));
}

void HttpSocket::write(std::string_view bytes, Ended ended) {
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  if (secured_) return asio::async_write(secured_->stream, buffer, std::move(ended));
  asio::async_write(socket_, buffer, std::move(ended));
}

bool HttpSocket::write_now(std::string_view bytes) {
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  Error error;
  socket_.non_blocking(true, error);
  if (!secured_) {
    socket_.write_some(buffer, error);
    return true;  // Even if the buffer was full: a caller that does not read this will not read the response either.
  }
  secured_->stream.write_some(buffer, error);
  return !error;  // After an error, part of a TLS record is lost, and the other end could not read the rest.
}

void HttpSocket::end_writing(std::function<void()> ended) {
  const auto end = [this, ended = std::move(ended)](const Error&) {
    Error ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    ended();
  };
  if (secured_ && secured_->ready) return secured_->stream.async_shutdown(end);
  end({});
}

void HttpSocket::discard(asio::mutable_buffer into, Ended ended) {
  socket_.async_read_some(into, std::move(ended));
}

bool HttpSocket::is_ended() {
  pollfd asked{socket_.native_handle(), POLLRDHUP, 0};
  return ::poll(&asked, 1, 0) > 0;
}

void HttpSocket::await_readable(std::function<void()> ready) {
  socket_.async_wait(tcp::socket::wait_read, [ready = std::move(ready)](const Error&) { ready(); });
}

void HttpSocket::cancel() {
  Error ignored;
  socket_.cancel(ignored);
}

void HttpSocket::close() {
  Error ignored;
  socket_.close(ignored);
}

}  // namespace runledger
