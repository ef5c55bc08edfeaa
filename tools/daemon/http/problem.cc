// Maps codes to statuses by one table, and writes problem documents.
#include "tools/daemon/http/problem.h"

#include <algorithm>
#include <iterator>

#include "ledger/base/assert.h"
#include "ledger/values/json_writer.h"
#include "tools/daemon/observe/watch.h"

namespace runledger {
namespace {

struct StatusOfCode {
  std::string_view code;
  unsigned status;
};

constexpr StatusOfCode kStatuses[] = {
    {"access.denied", 403},
    {"access.unauthenticated", 401},
    {"attempt.already_finished", 409},
    {"attempt.exhausted", 409},
    {"attempt.not_started", 409},
    {"attempt.superseded", 409},
    {"attempt.wrong_token", 409},
    {"audit_key.busy", 503},
    {"checkpoint.absent", 404},
    {"claims.stopped", 503},
    {"command.reused", 409},
    {"daemon.not_ready", 503},
    {"host.denied", 421},
    {"http.body_too_large", 413},
    {"http.media_type", 415},
    {"http.timeout", 408},
    {"internal", 500},
    {"json.too_large", 413},
    {"method.not_allowed", 405},
    {"mirror.absent", 404},
    {"mirror.ahead", 500},
    {"mirror.behind", 503},
    {"mirror.busy", 409},
    {"mirror.dsn_invalid", 500},
    {"mirror.drifted", 500},
    {"mirror.failed", 500},
    {"mirror.newer_schema", 500},
    {"mirror.other_history", 500},
    {"mirror.other_ledger", 500},
    {"mirror.pooler", 500},
    {"mirror.schema_invalid", 500},
    {"mirror.stopped", 500},
    {"mirror.table_taken", 500},
    {"mirror.tables_dropped", 503},
    {"mirror.unreachable", 503},
    {"origin.denied", 403},
    {"outcome.unknown", 503},
    {"overloaded", 503},
    {"parent.not_found", 404},
    {"position.ahead", 409},
    {"proof.too_large", 413},
    {"rerun_of.not_completed", 409},
    {"rerun_of.not_found", 404},
    {"route.not_found", 404},
    {"rows.behind", 503},
    {"rows.catching_up", 503},
    {"rows.stopped", 500},
    {"run.changed", 409},
    {"run.completed", 409},
    {"run.exists_with_other_input", 409},
    {"run.not_found", 404},
    {"scope.not_found", 404},
    {"seal.keys_missing", 503},
    {"storage.damaged", 500},
    {"storage.failed", 500},
    {"storage.full", 503},
    {"tile.not_found", 404},
};

struct Phrase {
  unsigned status;
  std::string_view text;
};

constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

// In seconds. It is short because the cause is a full queue or rows that lag, which pass quickly or not at all.
constexpr std::string_view kRetryAfter = "1";

}  // namespace

unsigned status_of_code(std::string_view code) {
  const auto* const found =
      std::find_if(std::begin(kStatuses), std::end(kStatuses), [&](const auto& each) { return each.code == code; });
  return found == std::end(kStatuses) ? 400 : found->status;
}

unsigned status_of_failure(const Failure& failure) {
  switch (failure.remedy()) {
    case Remedy::kRetryLater:
    case Remedy::kAskLedger:
      return 503;
    case Remedy::kCorrectInput:
    case Remedy::kReconnect:
    case Remedy::kCallOperator:
    case Remedy::kDamageFound:
      return 500;
  }
  RUNLEDGER_ASSERT(false);
}

std::string_view reason_phrase(unsigned status) {
  const auto* const found =
      std::find_if(std::begin(kPhrases), std::end(kPhrases), [&](const auto& each) { return each.status == status; });
  RUNLEDGER_ASSERT(found != std::end(kPhrases));
  return found->text;
}

HttpResponse problem(unsigned status, std::string_view code, std::string_view detail) {
  JsonWriter json;
  json.begin_object();
  json.key("type").text("about:blank");
  json.key("title").text(reason_phrase(status));
  json.key("status").number(status);
  json.key("detail").text(sanitize(detail).str());
  json.key("code").text(code);
  json.end_object();
  HttpResponse response{
      .status = status, .content_type = std::string(kProblemType), .body = json.take(), .code = std::string(code)};
  // No Retry-After when the outcome is unknown: a retry is only safe with the same command id.
  if (status == 503 && code != "outcome.unknown") response.headers.emplace_back("Retry-After", kRetryAfter);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"runledger\"");
  return response;
}

HttpResponse problem(const Rejection& rejection) {
  return problem(status_of_code(rejection.code), rejection.code, rejection.detail.str());
}

HttpResponse problem(const HttpRefusal& refusal) {
  return problem(refusal.status, refusal.rejection.code, refusal.rejection.detail.str());
}

HttpResponse problem(const Failure& failure) {
  return problem(status_of_failure(failure), failure.code(), kSeeDaemonLog);
}

}  // namespace runledger
