// Errors as HTTP tells them: the status of each code, and problem documents (RFC 9457).
#pragma once

#include <string_view>

#include "ledger/base/failure.h"
#include "tools/daemon/http/message.h"

namespace runledger {

inline constexpr std::string_view kProblemType = "application/problem+json";

// The status of a refusal by the ledger, a session or a route. 400 for a code that it does not know: whatever refuses
// a request for another reason has its line here.
[[nodiscard]] unsigned status_of_code(std::string_view code);

// Of a failure: 503 where asking again, or asking the ledger, may help; 500 otherwise.
[[nodiscard]] unsigned status_of_failure(const Failure& failure);

// {"type":"about:blank","title":…,"status":…,"detail":…,"code":…}, with Retry-After and WWW-Authenticate where the
// status asks for them. A status from 500 on says its code, and leaves details to the daemon's log.
[[nodiscard]] HttpResponse problem(unsigned status, std::string_view code, std::string_view detail);
[[nodiscard]] HttpResponse problem(const Rejection& rejection);
[[nodiscard]] HttpResponse problem(const HttpRefusal& refusal);
[[nodiscard]] HttpResponse problem(const Failure& failure);

// "Not Found" of 404.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace runledger
