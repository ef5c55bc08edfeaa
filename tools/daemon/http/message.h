// HTTP requests and responses as values, which pass between the connections and the routes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/values/rejection.h"
#include "ledger/values/sequence.h"

namespace runledger {

// The decoded target of a request.
struct HttpTarget {
  std::vector<std::string> path;                             // Segments: "/v1/runs" is {"v1", "runs"}.
  std::vector<std::pair<std::string, std::string>> queries;  // In their order. A name may occur several times.

  // Returns the value of a query parameter, the first one if it has several, or null. Owned by the target.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  // Returns all values of a query parameter.
  [[nodiscard]] std::vector<std::string_view> find_all(std::string_view name) const;
};

// A request, with those header fields that the server uses. Each occurs at most once; see check_framing().
struct HttpRequest {
  std::string method;
  std::string target;  // As the caller sent it, not decoded.
  std::string host;
  std::optional<std::string> authorization;
  std::optional<std::string> content_type;
  std::optional<std::string> idempotency_key;
  std::optional<std::string> starter;
  std::optional<std::string> last_event_id;
  std::optional<std::string> origin;
  std::optional<std::string> accept_encoding;  // As traceparent.
  std::optional<std::string> if_none_match;    // As traceparent.
  std::optional<std::string> traceparent;      // If it occurs several times, its values joined, which is never valid.
  bool asks_method = false;                    // It has Access-Control-Request-Method: it is a preflight of a browser.
  bool expects_continue = false;               // It has "Expect: 100-continue".
  bool keep_alive = true;                      // The caller may send another request on the connection.
  bool has_body = false;                       // The header announces a body: a length above zero, or chunks.
  std::size_t body_bytes = 0;                  // The announced length; for chunks, the largest body that is accepted.
  std::string body;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = {};
  // Besides type, caching, length, date and those of every response.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string cache_control = "no-store";
  std::string body = {};
  std::string code = {};                 // The code in a problem document, for the metrics.
  bool closes = false;                   // The connection closes after the response.
  std::optional<Sequence> follows = {};  // A stream of the events after this position follows the header, without end.
  bool follows_changes = false;          // The stream tells of the runs that these events have changed instead.
};

// Why a request cannot be read, with the HTTP status for it.
struct HttpRefusal {
  unsigned status = 400;
  Rejection rejection;
};

}  // namespace runledger
