// Tests how statuses, error bodies and Retry-After fields are interpreted.
#include "jobs/graph/failure.h"

#include <gtest/gtest.h>

#include <map>

namespace runledger {
namespace {

using std::chrono::seconds;

std::string code_of_status(int status) {
  const auto fault = fault_of_status(status);
  return fault ? std::string(rule_of(*fault).code) : "none";
}

TEST(GraphFailure, MapsEveryStatusToACode) {
  const std::map<int, std::string> codes = {
      {200, "none"},
      {204, "none"},
      {302, "graph.redirected"},
      {304, "graph.redirected"},
      {400, "graph.bad_request"},
      {401, "graph.unauthorized"},
      {402, "graph.bad_request"},
      {403, "graph.forbidden"},
      {404, "graph.not_found"},
      {405, "graph.bad_request"},
      {408, "graph.timeout"},
      {409, "graph.conflict"},
      {410, "graph.not_found"},
      {412, "graph.conflict"},
      {423, "graph.conflict"},
      {429, "graph.throttled"},
      {500, "graph.server_error"},
      {501, "graph.server_error"},
      {502, "graph.unavailable"},
      {503, "graph.unavailable"},
      {504, "graph.unavailable"},
      {507, "graph.server_error"},
      {509, "graph.throttled"},
      {600, "graph.malformed"},
      {0, "graph.malformed"},
  };
  for (const auto& [status, code] : codes) EXPECT_EQ(code_of_status(status), code) << status;
}

TEST(GraphFailure, SaysWhetherAnotherAttemptMayDoBetter) {
  for (const GraphFault fault : {GraphFault::kThrottled, GraphFault::kUnavailable, GraphFault::kServerError,
                                 GraphFault::kTimeout, GraphFault::kUnreachable, GraphFault::kConnectionLost})
    EXPECT_TRUE(GraphFailure(fault, "").retryable()) << rule_of(fault).code;
  for (const GraphFault fault : {GraphFault::kUnauthorized, GraphFault::kForbidden, GraphFault::kNotFound,
                                 GraphFault::kBadRequest, GraphFault::kForeignLink, GraphFault::kUntrusted})
    EXPECT_FALSE(GraphFailure(fault, "").retryable()) << rule_of(fault).code;
}

TEST(GraphFailure, HasACodeForEveryFault) {
  for (int i = 0; i <= static_cast<int>(GraphFault::kStopped); ++i) {
    const auto fault = static_cast<GraphFault>(i);
    EXPECT_EQ(GraphFailure(fault, "m").reason_code().str(), rule_of(fault).code);
    EXPECT_EQ(GraphFailure(fault, "m").fault(), fault);
  }
}

TEST(GraphErrorCode, IsTakenFromTheErrorObjectOnly) {
  EXPECT_EQ(graph_error_code(R"({"error":{"code":"TooManyRequests","message":"m"}})"), "TooManyRequests");
  EXPECT_EQ(graph_error_code(R"({"error":{"code":"Request_Resource-Not.Found"}})"), "Request_Resource-Not.Found");
  for (const auto* body : {"", "[]", "{}", "null", R"({"error":"x"})", R"({"error":{}})", R"({"error":{"code":1}})",
                           R"({"code":"x"})", R"({"error":{"code":"a b"}})", R"({"error":{"code":"<b>"}})",
                           R"({"error":{"code":"a\nb"}})", R"({"error":{"co)"})
    EXPECT_EQ(graph_error_code(body), "") << body;
  EXPECT_EQ(graph_error_code(R"({"error":{"code":")" + std::string(64, 'x') + R"("}})"), std::string(64, 'x'));
  EXPECT_EQ(graph_error_code(R"({"error":{"code":")" + std::string(65, 'x') + R"("}})"), "");
}

// The example of RFC 9110: 1994-11-06T08:49:37Z.
constexpr Time kNow{784'111'777'000'000};

TEST(RetryAfter, IsANumberOfSeconds) {
  EXPECT_EQ(parse_retry_after("0", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("120", kNow), seconds(120));
  EXPECT_EQ(parse_retry_after("007", kNow), seconds(7));
  EXPECT_EQ(parse_retry_after("999999999999999999999999", kNow), seconds(999'999'999));
}

TEST(RetryAfter, IsADateInAnyOfTheThreeForms) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", kNow), seconds(30));
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:50:07 GMT", kNow), seconds(30));
  EXPECT_EQ(parse_retry_after("Sun Nov  6 08:50:07 1994", kNow), seconds(30));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:36 GMT", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", kNow), seconds(0));
}

TEST(RetryAfter, IsAbsentWhenItIsNeither) {
  for (const auto* value :
       {"", "-1", "+1", "1.5", "1 s", "soon", "Sun, 06 Nov 1994 08:50:07 CET", "Sun, 06 Nov 1994 08:50:07 GMT, 30",
        "Sun, 41 Nov 1994 08:50:07 GMT", "1994-11-06T08:50:07Z"})
    EXPECT_EQ(parse_retry_after(value, kNow), std::nullopt) << value;
}

}  // namespace
}  // namespace runledger
