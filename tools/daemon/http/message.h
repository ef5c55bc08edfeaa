// A request and a response of HTTP as values: what passes between the connections and the routes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/values/rejection.h"
#include "ledger/values/sequence.h"

namespace runledger {

// What a request's target says, decoded.
struct HttpTarget {
  std::vector<std::string> path;                             // Segments: "/v1/runs" is {"v1", "runs"}.
  std::vector<std::pair<std::string, std::string>> queries;  // In their order, each name once.

  [[nodiscard]] const std::string* find(std::string_view name) const;
};

// The fields that somebody looks at. Each occurs at most once; see check_framing().
struct HttpRequest {
  std::string method;
  std::string target;  // As it came.
  std::string host;
  std::optional<std::string> authorization;
  std::optional<std::string> content_type;
  std::optional<std::string> idempotency_key;
  std::optional<std::string> last_event_id;
  std::optional<std::string> origin;
  bool asks_method = false;  // It has Access-Control-Request-Method: a browser asks whether its page may.
  bool expects_continue = false;
  bool keep_alive = true;
  bool has_body = false;       // By its header: a length above zero, or chunks.
  std::size_t body_bytes = 0;  // The same: its length; with chunks, the most that it may become.
  std::string body;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;  // Besides type, length, date and those of every response.
  std::string body;
  std::string code = {};            // Of a problem document; for counting.
  bool closes = false;              // The connection ends after it.
  std::optional<Sequence> follows;  // Events after this position come behind the header, for as long as it lasts.
};

// What is wrong with a request, and what that is called in HTTP.
struct HttpRefusal {
  unsigned status = 400;
  Rejection rejection;
};

}  // namespace runledger
