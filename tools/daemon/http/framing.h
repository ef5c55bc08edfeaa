// Strict framing of a request header: the check that no two readers could disagree on where the request ends.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "tools/daemon/http/message.h"

namespace runledger {

// The largest request that is accepted.
struct HttpFramingLimits {
  std::size_t header_bytes_max = 16 * 1024;  // The request line, all fields and the empty line.
  std::size_t headers_max = 100;
  std::size_t body_bytes_max = 1024 * 1024;
};

// Checks a complete header block, and returns the refusal, or nullopt if the block is acceptable. Pure. Requires a
// block that ends with its empty line. Refuses more than RFC 9112 demands, because request smuggling lives on what a
// lenient reader accepts:
//   http.malformed          a byte that is not visible ASCII (a field's value may have tabs and bytes from 0x80), CR
//                           or LF alone, a line that is neither a request line nor a field, a continued line, a
//                           missing or second Host, a second one of the fields that HttpRequest has, an unreadable or
//                           second Content-Length, Content-Length together with Transfer-Encoding, a target that is
//                           not a path
//   http.header_too_large   past header_bytes_max or headers_max (431)
//   http.body_too_large     a Content-Length past body_bytes_max (413)
//   http.not_implemented    a transfer coding other than "chunked", or a method other than GET, HEAD, POST, PUT, PATCH,
//                           DELETE and OPTIONS (501)
//   http.version            anything but HTTP/1.1 (505). A probe (is_probe()) may also use HTTP/1.0, and then needs no
//                           Host and may have no body
//   http.expectation        anything but 100-continue (417)
[[nodiscard]] std::optional<HttpRefusal> check_framing(std::string_view block, const HttpFramingLimits& limits);

// The same for the start of a header that is still incomplete: returns the refusal if no continuation can be
// acceptable.
[[nodiscard]] std::optional<HttpRefusal> check_framing_so_far(std::string_view start, const HttpFramingLimits& limits);

// Whether the target is one that a monitor asks for, whatever the state of the daemon: /healthz, /readyz or /metrics.
[[nodiscard]] bool is_probe(std::string_view target);

// Compares without regard to ASCII case, as names of fields are compared.
[[nodiscard]] bool equal_fields(std::string_view a, std::string_view b);

}  // namespace runledger
