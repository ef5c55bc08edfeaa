// The faults of Microsoft Graph, with the stable reason code of each and its consequence for the job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/worker/job.h"
#include "ledger/values/time.h"

namespace runledger {

// docs/codes.md explains each fault under its code (rule_of).
enum class GraphFault : std::uint8_t {
  kUnauthorized,
  kForbidden,
  kNotFound,
  kConflict,
  kBadRequest,
  kThrottled,
  kUnavailable,
  kServerError,
  kTimeout,
  kDeadline,
  kUnreachable,
  kUntrusted,
  kConnectionLost,
  kRedirected,
  kMalformed,
  kForeignLink,
  kBodyTooLarge,
  kTooMuch,
  kTokenUnusable,
  kStopped,
};

// Whether a fault concerns one policy only, or would occur with every further request of the run as well.
enum class FaultReach : std::uint8_t { kPolicy, kRun };

struct GraphFaultRule {
  std::string_view code;
  GraphFault fault;
  bool retryable;  // Whether another attempt may succeed.
  FaultReach reach;
};

[[nodiscard]] const GraphFaultRule& rule_of(GraphFault fault);

// A fault as an exception: a JobFailure with the code and the retryability from the table.
class GraphFailure : public JobFailure {
 public:
  // `message` says what was found, such as a status or a limit. It must not contain a body, a URL or a token.
  GraphFailure(GraphFault fault, const std::string& message);

  [[nodiscard]] GraphFault fault() const noexcept { return fault_; }
  [[nodiscard]] FaultReach reach() const { return rule_of(fault_).reach; }

 private:
  GraphFault fault_;
};

// Returns the fault that an HTTP status stands for. Absent: the status is 2xx.
[[nodiscard]] std::optional<GraphFault> fault_of_status(int status);

// Returns Graph's own error code from a body such as {"error":{"code":"TooManyRequests","message":…}}: 1 to 64
// characters of [A-Za-z0-9._-]. Empty: the body is anything else.
[[nodiscard]] std::string graph_error_code(std::string_view body);

// Returns the wait in a Retry-After field (RFC 9110, 10.2.3): seconds, or the time from `now` to an HTTP date in any of
// its three forms. A date in the past gives zero. Absent: the value has neither form.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view value, Time now);

}  // namespace runledger
