// From what a request says to values of the ledger. All of these refuse bad input by throwing Refused.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ledger/values/json_object.h"
#include "projections/rows/store.h"
#include "tools/daemon/http/route.h"

namespace runledger {

// The base that holds the value of a body for the reader of it.
struct HttpBodyValue {
  JsonValue value;
};

// The JSON object in a request's body; an empty body is an empty object. Codes of every function: "body.malformed" for
// a member that is missing or of another type, and those of its value.
class HttpBody : HttpBodyValue, public JsonObject {
 public:
  // Codes: those of ledger/values/json.h, "body.malformed" for no object or a member that is not `known`.
  HttpBody(const HttpRequest& request, const std::vector<std::string_view>& known);
  HttpBody(const HttpBody&) = delete;
  HttpBody& operator=(const HttpBody&) = delete;

  [[nodiscard]] RunInput input() const;                     // "input"; absent: {}.
  [[nodiscard]] Sequence token() const;                     // "token". Code "token.invalid".
  [[nodiscard]] std::vector<RunType> types() const;         // "types"
  [[nodiscard]] std::chrono::seconds wait() const;          // "wait_seconds"; absent: 0. Code "claim.invalid".
  [[nodiscard]] Counts counts() const;                      // "summary_counts"
  [[nodiscard]] std::vector<FailureNote> failures() const;  // "failures"

  // "command_id", or the header Idempotency-Key, and "occurred_at". Codes "command_id.invalid",
  // "idempotency_key.invalid", "command_id.ambiguous" when both are there and differ, and "time.invalid".
  [[nodiscard]] CommandOptions mark(const HttpRequest& request) const;
};

[[nodiscard]] RunId need_run(const HttpCall& call);              // The path's first parameter. Code "run.invalid".
[[nodiscard]] AttemptNumber need_attempt(const HttpCall& call);  // The path's second. Code "attempt.invalid".

// Of the query: workspace, tenant, type, status, outcome, since, until, where the route allows them. Codes of the
// fields, and "range.invalid" when since is after until.
[[nodiscard]] RunFilter need_filter(const HttpTarget& target);
// "limit", from 1 to `max`. Code "limit.invalid".
[[nodiscard]] std::size_t need_limit(const HttpTarget& target, std::size_t otherwise, std::size_t max);

}  // namespace runledger
