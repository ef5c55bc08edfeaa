// Tests the status of each code, and the documents that report errors.
#include <gtest/gtest.h>

#include "tests/fixtures/world/http_client.h"
#include "tools/daemon/http/problem.h"

namespace runledger {
namespace {

TEST(HttpProblem, EachCodeHasItsStatus) {
  const std::pair<std::string_view, unsigned> expected[] = {{"type.invalid", 400},
                                                            {"json.malformed", 400},
                                                            {"json.too_large", 413},
                                                            {"input.secret", 400},
                                                            {"tenant.required", 400},
                                                            {"cursor.invalid", 400},
                                                            {"workspace.required", 400},
                                                            {"counts.key_not_allowed", 400},
                                                            {"access.unauthenticated", 401},
                                                            {"access.denied", 403},
                                                            {"origin.denied", 403},
                                                            {"run.not_found", 404},
                                                            {"scope.not_found", 404},
                                                            {"route.not_found", 404},
                                                            {"method.not_allowed", 405},
                                                            {"http.timeout", 408},
                                                            {"run.completed", 409},
                                                            {"run.exists_with_other_input", 409},
                                                            {"command.reused", 409},
                                                            {"attempt.superseded", 409},
                                                            {"attempt.wrong_token", 409},
                                                            {"attempt.not_started", 409},
                                                            {"attempt.already_finished", 409},
                                                            {"attempt.invalid", 400},
                                                            {"http.media_type", 415},
                                                            {"host.denied", 421},
                                                            {"overloaded", 503},
                                                            {"rows.behind", 503},
                                                            {"rows.catching_up", 503},
                                                            {"rows.stopped", 500},
                                                            {"storage.damaged", 500},
                                                            {"storage.failed", 500},
                                                            {"storage.full", 503},
                                                            {"mirror.dsn_invalid", 500},
                                                            {"mirror.pooler", 500},
                                                            {"mirror.schema_invalid", 500},
                                                            {"mirror.busy", 409},
                                                            {"mirror.unreachable", 503},
                                                            {"outcome.unknown", 503},
                                                            {"daemon.not_ready", 503}};
  for (const auto& [code, status] : expected) EXPECT_EQ(status_of_code(code), status) << code;
}

TEST(HttpProblem, IsADocumentWithItsCode) {
  const HttpResponse response = problem(reject("run.not_found", "expected \"x\"\r\n"));
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto document = nlohmann::json::parse(response.body);
  EXPECT_EQ(document, (nlohmann::json{{"type", "about:blank"},
                                      {"title", "Not Found"},
                                      {"status", 404},
                                      {"detail", "expected \"x\"  "},
                                      {"code", "run.not_found"}}));
}

TEST(HttpProblem, SaysWhenToAskAgainWhereThatHelps) {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(problem(reject("overloaded", "")).headers, (Headers{{"Retry-After", "1"}}));
  EXPECT_EQ(problem(503, "outcome.unknown", "").headers, Headers());
  EXPECT_EQ(problem(reject("access.unauthenticated", "")).headers,
            (Headers{{"WWW-Authenticate", "Bearer realm=\"runledger\""}}));
}

TEST(HttpProblem, OfAFailureKeepsItsDetailsFromCallers) {
  const HttpResponse damaged = problem(Failure(Remedy::kDamageFound, "storage.damaged", "/srv/ledger/000042.sst"));
  EXPECT_EQ(damaged.status, 500U);
  EXPECT_EQ(damaged.body.find("/srv"), std::string::npos);
  EXPECT_NE(damaged.body.find("storage.damaged"), std::string::npos);
  EXPECT_EQ(problem(Failure(Remedy::kRetryLater, "overloaded", "")).status, 503U);
}

TEST(HttpProblem, NoRefusalIsNamedWithoutAPhrase) {
  for (const unsigned status :
       {200U, 201U, 400U, 401U, 403U, 404U, 405U, 408U, 409U, 413U, 415U, 417U, 421U, 431U, 500U, 501U, 503U, 505U})
    EXPECT_FALSE(reason_phrase(status).empty()) << status;
}

}  // namespace
}  // namespace runledger
