// Reads requests: checks the framing first, and then lets Beast parse the header and assemble the body.
//
// `bytes` holds what has come and is not parsed yet. read_header() looks for the empty line that ends the header;
// `looked_at` remembers how far it has searched, so that a header that comes byte by byte costs linear time. The whole
// block then goes through check_framing(), and only an accepted block reaches Beast's parser. So Beast never has to
// decide how to read an ambiguous header, and its fields can be trusted.
//
// After the header, `parser` exists, and that is how advance() knows that it reads a body. read_body() feeds the parser
// and removes what it has taken from `bytes`; the rest is the start of the next request. The parser is "eager" only
// after the header, so that kHead is reported before anything of the body is parsed.
//
// Chunked bodies need two checks that Beast does not make. A chunk's extensions are refused, since no reader needs them
// and readers differ on them. And Beast waits without limit for the end of a chunk's size line, so a line that is too
// long, or has a bare LF, is refused while it is still incomplete.
//
// A refusal is final: after it, the start of the next request is unknown.
#include "tools/daemon/http/reader.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <optional>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kChunkLineMax = 256;  // The line with a chunk's size, including its end.

template <class Name>
std::optional<std::string> find_text(const http::fields& fields, Name name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::nullopt : std::optional(found->value().to_string());
}

std::optional<std::string> joined_texts(const http::fields& fields, std::string_view name) {
  std::optional<std::string> joined;
  const auto [first, last] = fields.equal_range(boost::beast::string_view(name.data(), name.size()));
  for (auto each = first; each != last; ++each) {
    joined = joined ? *joined + "," : std::string();
    joined->append(each->value().data(), each->value().size());
  }
  return joined;
}

bool has_bare_line_feed(std::string_view text) {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

HttpRequest head_of(const Parser& parser, const HttpFramingLimits& limits) {
  const auto& message = parser.get();
  HttpRequest request;
  request.method = message.method_string().to_string();
  request.target = message.target().to_string();
  request.host = find_text(message, http::field::host).value_or("");
  request.authorization = find_text(message, http::field::authorization);
  request.content_type = find_text(message, http::field::content_type);
  request.idempotency_key = find_text(message, "Idempotency-Key");
  request.starter = find_text(message, "Runledger-Starter");
  request.last_event_id = find_text(message, "Last-Event-ID");
  request.origin = find_text(message, http::field::origin);
  request.accept_encoding = joined_texts(message, "Accept-Encoding");
  request.if_none_match = joined_texts(message, "If-None-Match");
  request.traceparent = joined_texts(message, "traceparent");
  request.asks_method = find_text(message, "Access-Control-Request-Method").has_value();
  request.expects_continue = message.find(http::field::expect) != message.end();
  request.keep_alive = message.version() == 11 && message.keep_alive();
  request.body_bytes = parser.chunked() ? limits.body_bytes_max : parser.content_length().value_or(0);
  request.has_body = request.body_bytes > 0;
  return request;
}

}  // namespace

struct HttpReader::Impl {
  HttpFramingLimits limits;
  std::string bytes;             // Bytes that the parser has not taken yet.
  std::size_t looked_at = 0;     // How many of `bytes` have been searched for the end of the header.
  std::optional<Parser> parser;  // Present from the end of the header until next().
  std::function<void(std::uint64_t, boost::beast::string_view, boost::system::error_code&)> on_chunk;
  HttpRequest request;
  std::optional<HttpRefusal> refusal;
  bool complete = false;

  Progress refuse(HttpRefusal why) {
    refusal = std::move(why);
    return Progress::kRefused;
  }
  Progress read_header();
  Progress read_body();
  void begin(std::string_view block, boost::system::error_code& error);
};

void HttpReader::Impl::begin(std::string_view block, boost::system::error_code& error) {
  parser.emplace();
  parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max + 1));
  parser->body_limit(limits.body_bytes_max);
  parser->eager(false);
  on_chunk = [this](std::uint64_t size, boost::beast::string_view extensions, boost::system::error_code& chunk_error) {
    if (!extensions.empty() || size > limits.body_bytes_max) chunk_error = http::error::bad_chunk;
  };
  parser->on_chunk_header(on_chunk);
  parser->put(boost::asio::buffer(block.data(), block.size()), error);
}

HttpReader::Progress HttpReader::Impl::read_header() {
  const std::size_t from = looked_at < 3 ? 0 : looked_at - 3;
  const std::size_t end = bytes.find("\r\n\r\n", from);
  if (end == std::string::npos) {
    looked_at = bytes.size();
    if (auto why = check_framing_so_far(bytes, limits)) return refuse(*std::move(why));
    return Progress::kNeedsBytes;
  }
  const std::string_view block = std::string_view(bytes).substr(0, end + 4);
  if (auto why = check_framing(block, limits)) return refuse(*std::move(why));
  boost::system::error_code error;
  begin(block, error);
  if (error || !parser->is_header_done())
    return refuse({400, reject("http.malformed", "expected a request that can be read")});
  request = head_of(*parser, limits);
  bytes.erase(0, end + 4);
  looked_at = 0;
  parser->eager(true);
  return Progress::kHead;
}

HttpReader::Progress HttpReader::Impl::read_body() {
  boost::system::error_code error;
  while (!parser->is_done() && !bytes.empty() && !error) {
    const std::size_t taken = parser->put(boost::asio::buffer(bytes), error);
    bytes.erase(0, taken);
    if (taken == 0) break;
  }
  if (error == http::error::body_limit)
    return refuse({413, reject("http.body_too_large",
                               fmt::format("expected a body of at most {} bytes", limits.body_bytes_max))});
  // What the parser leaves is the start of a chunk's size line. The parser would wait for its end, but these lines can
  // never end correctly.
  const bool stuck = !parser->is_done() && (bytes.size() > kChunkLineMax || has_bare_line_feed(bytes));
  if ((error && error != http::error::need_more) || stuck)
    return refuse({400, reject("http.malformed", "expected a body in chunks without extensions, each with its size")});
  if (!parser->is_done()) return Progress::kNeedsBytes;
  request.body = std::move(parser->get().body());
  complete = true;
  return Progress::kComplete;
}

HttpReader::HttpReader(const HttpFramingLimits& limits) : impl_(std::make_unique<Impl>()) {
  impl_->limits = limits;
}

HttpReader::~HttpReader() = default;

void HttpReader::add(std::string_view bytes) {
  impl_->bytes += bytes;
}

HttpReader::Progress HttpReader::advance() {
  if (impl_->refusal) return Progress::kRefused;
  if (impl_->complete) return Progress::kComplete;
  return impl_->parser ? impl_->read_body() : impl_->read_header();
}

HttpRequest& HttpReader::request() {
  return impl_->request;
}

const HttpRefusal& HttpReader::refusal() const {
  RUNLEDGER_ASSERT(impl_->refusal);
  return *impl_->refusal;
}

bool HttpReader::begun() const {
  return impl_->parser || !impl_->bytes.empty();
}

void HttpReader::next() {
  RUNLEDGER_ASSERT(impl_->complete);
  impl_->parser.reset();
  impl_->request = {};
  impl_->complete = false;
}

}  // namespace runledger
