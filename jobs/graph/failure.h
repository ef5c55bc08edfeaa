// What can go wrong with Microsoft Graph, each with its stable reason code and with what it means for the work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/worker/job.h"
#include "ledger/values/time.h"

namespace runledger {

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

// Whether a fault says something of one policy, or of all that could still be asked.
enum class FaultReach : std::uint8_t { kPolicy, kRun };

struct GraphFaultRule {
  std::string_view code;  // docs/codes.md has the meanings.
  GraphFault fault;
  bool retryable;  // Whether another attempt may do better.
  FaultReach reach;
};

[[nodiscard]] const GraphFaultRule& rule_of(GraphFault fault);

class GraphFailure : public JobFailure {
 public:
  // `message` says what was found: a status, a limit. Never a body, a URL or a token.
  GraphFailure(GraphFault fault, const std::string& message);

  [[nodiscard]] GraphFault fault() const noexcept { return fault_; }
  [[nodiscard]] FaultReach reach() const { return rule_of(fault_).reach; }

 private:
  GraphFault fault_;
};

// Of an HTTP status. Absent: 2xx.
[[nodiscard]] std::optional<GraphFault> fault_of_status(int status);

// Graph's own error code, from a body such as {"error":{"code":"TooManyRequests","message":…}}: 1 to 64 of
// [A-Za-z0-9._-]. Empty when the body is anything else.
[[nodiscard]] std::string graph_error_code(std::string_view body);

// The value of a Retry-After field (RFC 9110, 10.2.3): seconds, or an HTTP date in any of its three forms, which is
// compared with `now`; the past is zero. Absent when it is neither.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view value, Time now);

}  // namespace runledger
