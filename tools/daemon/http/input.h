// From what a request says to values of the ledger. All of these refuse bad input by throwing BadRequest.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/values/number.h"
#include "projections/rows/store.h"
#include "tools/daemon/http/route.h"

namespace runledger {

// Ends the handling of a request; caught where routes are carried out. Thrown although it is an expected outcome,
// because each of a request's dozen members can be refused and all of them end in the same answer.
struct BadRequest {
  Rejection rejection;
};

[[noreturn]] void refuse_request(std::string_view code, std::string_view detail);

template <class T>
[[nodiscard]] T need(Result<T> result) {
  if (!result) throw BadRequest{result.rejection()};
  return *std::move(result);
}

// As find_number(). Code "<field>.invalid".
[[nodiscard]] std::uint64_t need_number(std::string_view text, std::string_view field, NumberRange range);

// The JSON object in a request's body; an empty body is an empty object. A member that is null counts as absent. Codes
// of every function: "body.malformed" for a member that is missing or of another type, and those of its value.
class HttpBody {
 public:
  // Codes: those of ledger/values/json.h, "body.malformed" for no object or a member that is not `known`.
  HttpBody(const HttpRequest& request, const std::vector<std::string_view>& known);
  ~HttpBody();

  [[nodiscard]] std::optional<std::string> find_text(const char* name) const;
  [[nodiscard]] std::string text(const char* name) const;
  [[nodiscard]] bool flag(const char* name, bool otherwise) const;
  [[nodiscard]] RunInput input() const;                     // "input"; absent: {}.
  [[nodiscard]] Sequence token() const;                     // "token". Code "token.invalid".
  [[nodiscard]] std::vector<RunType> types() const;         // "types"
  [[nodiscard]] std::chrono::seconds wait() const;          // "wait_seconds"; absent: 0. Code "claim.invalid".
  [[nodiscard]] Counts counts() const;                      // "summary_counts"
  [[nodiscard]] std::vector<FailureNote> failures() const;  // "failures"

  // "command_id", or the header Idempotency-Key, and "occurred_at". Codes "command_id.invalid",
  // "idempotency_key.invalid", "command_id.ambiguous" when both are there and differ, and "time.invalid".
  [[nodiscard]] CommandOptions mark(const HttpRequest& request) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const char* name) const;

  std::unique_ptr<nlohmann::json> object_;
};

[[nodiscard]] RunId need_run(const HttpCall& call);              // The path's first parameter. Code "run.invalid".
[[nodiscard]] AttemptNumber need_attempt(const HttpCall& call);  // The path's second. Code "attempt.invalid".

// Of the query: workspace, tenant, type, status, outcome, since, until, where the route allows them. Codes of the
// fields, and "range.invalid" when since is after until.
[[nodiscard]] RunFilter need_filter(const HttpTarget& target);
// "limit", from 1 to `max`. Code "limit.invalid".
[[nodiscard]] std::size_t need_limit(const HttpTarget& target, std::size_t otherwise, std::size_t max);

}  // namespace runledger
