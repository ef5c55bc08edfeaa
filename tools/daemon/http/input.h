// Conversion of a request's text to values of the ledger. Every function refuses bad input by throwing Refused.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "ledger/values/json_object.h"
#include "tools/daemon/http/route.h"

namespace runledger {

// Holds the parsed body. It is a base class so that it is constructed before the JsonObject that refers to it.
struct HttpBodyValue {
  JsonValue value;
};

// The JSON object in a request's body; an empty body counts as an empty object. Every function throws Refused with the
// code "body.malformed" when the member is missing or has another type, and with the codes of its value.
class HttpBody : HttpBodyValue, public JsonObject {
 public:
  // Codes: those of ledger/values/json.h, and "body.malformed" when the body is not an object or has a member that is
  // not `known`.
  HttpBody(const HttpRequest& request, const std::vector<std::string_view>& known);
  HttpBody(const HttpBody&) = delete;
  HttpBody& operator=(const HttpBody&) = delete;

  [[nodiscard]] RunInput input() const;              // "input"; absent: {}.
  [[nodiscard]] ScopeSequence token() const;         // "token". Code "token.invalid".
  [[nodiscard]] std::vector<RunType> types() const;  // "types"
  [[nodiscard]] std::chrono::seconds wait() const;   // "wait_seconds"; absent: 0. Code "claim.invalid".

  // "lease_seconds"; absent when it is absent.
  [[nodiscard]] std::optional<Duration> lease() const;

  // Returns "command_id", or else the header field Idempotency-Key, together with "occurred_at". Codes
  // "command_id.invalid", "idempotency_key.invalid", "command_id.ambiguous" when both are present and differ, and
  // "time.invalid".
  // A key in the quotes of a structured field (RFC 8941) is the text within them. A text that is a UUID is that id, and
  // every other text stands for an id that is made of it.
  [[nodiscard]] CommandOptions command_options(const HttpRequest& request) const;

  // The same for a start or a claim, together with "starter", or else the header field Runledger-Starter. Code
  // "starter.invalid".
  [[nodiscard]] CommandOptions start_options(const HttpRequest& request) const;
};

[[nodiscard]] RunId need_run(const HttpCall& call);              // The first parameter of the path. Code "run.invalid".
[[nodiscard]] AttemptNumber need_attempt(const HttpCall& call);  // The second one. Code "attempt.invalid".

// Reads the filters of a list from the query, as far as the route allows them. Codes of the fields, and "range.invalid"
// when since is after until.
[[nodiscard]] RunFilter need_filter(const HttpTarget& target);
// Whether the query has `name` with the value 1; 0, or no such name, means no. Code "<name>.invalid".
[[nodiscard]] bool need_switch(const HttpTarget& target, std::string_view name);
// Reads "limit", from 1 to `max`; returns `otherwise` when it is absent. Code "limit.invalid".
[[nodiscard]] std::size_t need_limit(const HttpTarget& target, std::size_t otherwise, std::size_t max);

}  // namespace runledger
