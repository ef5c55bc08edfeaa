// Errors in HTTP: the status of each code, and problem documents (RFC 9457).
#pragma once

#include <string_view>

#include "ledger/base/failure.h"
#include "tools/daemon/http/message.h"

namespace runledger {

inline constexpr std::string_view kProblemType = "application/problem+json";

// Returns the status for a refusal by the ledger, a session or a route: 400 for every code without a line in the table,
// since most refusals are of bad input.
[[nodiscard]] unsigned status_of_code(std::string_view code);

// Returns the status for a failure: 503 when trying again, or asking the ledger what became of it, may help; 500
// otherwise.
[[nodiscard]] unsigned status_of_failure(const Failure& failure);

// Return a response with the document {"type":"about:blank","title":…,"status":…,"detail":…,"code":…}, and with the
// fields Retry-After and WWW-Authenticate where the status calls for them. For a Failure the caller sees the code only;
// the details are for the daemon's log.
[[nodiscard]] HttpResponse problem(unsigned status, std::string_view code, std::string_view detail);
[[nodiscard]] HttpResponse problem(const Rejection& rejection);
[[nodiscard]] HttpResponse problem(const HttpRefusal& refusal);
[[nodiscard]] HttpResponse problem(const Failure& failure);

// Returns the standard phrase of a status, such as "Not Found" for 404.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace runledger
