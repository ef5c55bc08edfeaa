// The table of faults, and the interpretation of an answer's status, headers and error code.
#include "jobs/graph/failure.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>

#include "ledger/base/ascii.h"
#include "ledger/values/json.h"

namespace runledger {

namespace {

using enum FaultReach;

// In the order of the enum, which the assertion below checks.
constexpr GraphFaultRule kRules[] = {
    {"graph.unauthorized", GraphFault::kUnauthorized, false, kRun},
    {"graph.forbidden", GraphFault::kForbidden, false, kPolicy},
    {"graph.not_found", GraphFault::kNotFound, false, kPolicy},
    {"graph.conflict", GraphFault::kConflict, true, kPolicy},
    {"graph.bad_request", GraphFault::kBadRequest, false, kPolicy},
    {"graph.throttled", GraphFault::kThrottled, true, kRun},
    {"graph.unavailable", GraphFault::kUnavailable, true, kRun},
    {"graph.server_error", GraphFault::kServerError, true, kPolicy},
    {"graph.timeout", GraphFault::kTimeout, true, kPolicy},
    {"graph.deadline", GraphFault::kDeadline, true, kRun},
    {"graph.unreachable", GraphFault::kUnreachable, true, kRun},
    {"graph.untrusted", GraphFault::kUntrusted, false, kRun},
    {"graph.connection_lost", GraphFault::kConnectionLost, true, kPolicy},
    {"graph.redirected", GraphFault::kRedirected, false, kPolicy},
    {"graph.malformed", GraphFault::kMalformed, true, kPolicy},
    {"graph.foreign_link", GraphFault::kForeignLink, false, kPolicy},
    {"graph.body_too_large", GraphFault::kBodyTooLarge, false, kPolicy},
    {"graph.too_much", GraphFault::kTooMuch, false, kRun},
    {"graph.token_unusable", GraphFault::kTokenUnusable, false, kRun},
    {"worker.stopped", GraphFault::kStopped, true, kRun},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(kRules); ++i) {
    if (static_cast<std::size_t>(kRules[i].fault) != i) return false;
  }
  return true;
}
static_assert(is_in_order() && std::size(kRules) == static_cast<std::size_t>(GraphFault::kStopped) + 1);

ReasonCode code_of(GraphFault fault) {
  return *parse_reason_code(rule_of(fault).code);
}

// `value` must match the form to its end.
std::optional<std::int64_t> parse_date(const std::string& value, const char* form) {
  std::tm parts{};
  const char* end = ::strptime(value.c_str(), form, &parts);
  if (end == nullptr || *end != '\0') return {};
  return ::timegm(&parts);
}

std::optional<std::int64_t> parse_http_date(const std::string& value) {
  for (const char* form : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    if (const auto seconds = parse_date(value, form)) return seconds;
  }
  return {};
}

}  // namespace

const GraphFaultRule& rule_of(GraphFault fault) {
  return kRules[static_cast<std::size_t>(fault)];
}

GraphFailure::GraphFailure(GraphFault fault, const std::string& message)
    : JobFailure(code_of(fault), message, rule_of(fault).retryable), fault_(fault) {}

std::optional<GraphFault> fault_of_status(int status) {
  switch (status) {
    case 401:
      return GraphFault::kUnauthorized;
    case 403:
      return GraphFault::kForbidden;
    case 404:
    case 410:
      return GraphFault::kNotFound;
    case 408:
      return GraphFault::kTimeout;
    case 409:
    case 412:
    case 423:
      return GraphFault::kConflict;
    case 429:
    case 509:  // Not a registered status: Graph uses it when the caller's bandwidth is used up.
      return GraphFault::kThrottled;
    case 502:
    case 503:
    case 504:
      return GraphFault::kUnavailable;
    default:
      break;
  }
  if (status >= 200 && status <= 299) return {};
  if (status >= 300 && status <= 399) return GraphFault::kRedirected;
  if (status >= 400 && status <= 499) return GraphFault::kBadRequest;
  return status >= 500 && status <= 599 ? GraphFault::kServerError : GraphFault::kMalformed;
}

std::string graph_error_code(std::string_view body) {
  constexpr std::size_t kCodeBytesMax = 64;
  const Result<JsonValue> document = parse_json(body, {.bytes_max = 64UL * 1024, .numbers = JsonNumbers::kRounded});
  const JsonValue* error = document ? document->find("error") : nullptr;
  const auto* code = error == nullptr ? nullptr : error->find<std::string>("code");
  if (code == nullptr) return {};
  const std::string& text = *code;
  // The code is quoted in messages, so only a harmless text is accepted.
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
  return plain && text.size() <= kCodeBytesMax ? text : std::string();
}

std::optional<Duration> parse_retry_after(std::string_view value, Time now) {
  constexpr std::size_t kDigitsMax = 9;  // Over thirty years. A longer number may be cut: it still means "never".
  if (value.empty()) return {};
  if (std::all_of(value.begin(), value.end(), is_digit)) {
    std::int64_t seconds = 0;
    std::from_chars(value.data(), value.data() + std::min(value.size(), kDigitsMax), seconds);
    return std::chrono::seconds(seconds);
  }
  const std::optional<std::int64_t> date = parse_http_date(std::string(value));
  if (!date) return {};
  const Duration until = std::chrono::seconds(*date) - Duration(now.unix_us);
  return std::max(until, Duration::zero());
}

}  // namespace runledger
