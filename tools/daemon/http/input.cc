// Checks and converts members of a body, query parameters and parts of the path.
#include "tools/daemon/http/input.h"

#include <fmt/format.h>

#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"
#include "ledger/exchange/report_json.h"
#include "ledger/rules/report.h"
#include "ledger/values/json.h"
#include "ledger/values/sha256.h"
#include "projections/answers/parameters.h"

namespace runledger {
namespace {

// A body may hold one input of the largest size, one level deeper and with some members around it; a line of commands,
// one level deeper again.
constexpr JsonLimits kBodyLimits = {
    .bytes_max = 1024 * 1024, .depth_max = RunInput::kDepthMax + 2, .keys_max = RunInput::kKeysMax + 256};

constexpr std::size_t kKeyCharactersMax = 200;

[[noreturn]] void refuse_key() {
  refuse("idempotency_key.invalid",
         fmt::format("expected a text of 1 to {} characters, or one in quotes as RFC 8941 says", kKeyCharactersMax));
}

// Returns the text of a string of RFC 8941: printable ASCII in quotes, with a backslash before a quote or a backslash.
std::string unquoted(std::string_view quoted) {
  std::string text;
  for (std::size_t i = 1;; ++i) {
    if (i == quoted.size()) refuse_key();
    if (quoted[i] == '"') {
      if (i + 1 != quoted.size()) refuse_key();
      return text;
    }
    if (quoted[i] == '\\') {
      if (++i == quoted.size() || (quoted[i] != '"' && quoted[i] != '\\')) refuse_key();
    }
    if (quoted[i] < ' ' || quoted[i] > '~') refuse_key();
    text += quoted[i];
  }
}

CommandId need_key_id(const std::string& field) {
  const std::string text = field.starts_with('"') ? unquoted(field) : field;
  if (!is_valid_utf8(text) || text.empty() || count_characters(text) > kKeyCharactersMax) refuse_key();
  if (const Result<Uuid> uuid = parse_uuid(text, "idempotency_key")) return CommandId{*uuid};
  return CommandId{custom_uuid({content_digest({"idempotency key", text}).bytes})};
}

}  // namespace

HttpBody::HttpBody(const HttpRequest& request, const std::vector<std::string_view>& known)
    : HttpBodyValue{need(parse_json(request.body.empty() ? "{}" : std::string_view(request.body), kBodyLimits))},
      JsonObject(value, "the body", "body.malformed") {
  only(known);
}

RunInput HttpBody::input() const {
  const JsonValue* sent = find("input");
  return sent == nullptr ? RunInput() : need(RunInput::from_value(*sent));
}

ScopeSequence HttpBody::token() const {
  (void)get("token");
  return ScopeSequence{with_code("token.invalid").number("token", {.min = 1})};
}

std::vector<RunType> HttpBody::types() const {
  const std::vector<std::string_view> names = texts("types");
  if (names.size() > kClaimTypesMax)
    refuse("claim.invalid", fmt::format("expected at most {} types, found {}", kClaimTypesMax, names.size()));
  std::vector<RunType> types;
  for (const std::string_view name : names) types.push_back(need(parse_run_type(name)));
  return types;
}

std::chrono::seconds HttpBody::wait() const {
  const auto max = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(kClaimWaitMax).count());
  return std::chrono::seconds(with_code("claim.invalid").find_number("wait_seconds", {.max = max}).value_or(0));
}

CommandOptions HttpBody::command_options(const HttpRequest& request) const {
  CommandOptions options;
  if (const auto* text = find_text("command_id")) options.id = CommandId{need(parse_uuid(*text, "command_id"))};
  if (const auto* text = find_text("occurred_at")) options.occurred_at = need(parse_time(*text));
  if (!request.idempotency_key) return options;
  const CommandId key = need_key_id(*request.idempotency_key);
  if (options.id && *options.id != key)
    refuse("command_id.ambiguous", "expected command_id and Idempotency-Key to be the same, found two");
  options.id = key;
  return options;
}

CommandOptions HttpBody::start_options(const HttpRequest& request) const {
  CommandOptions options = command_options(request);
  const std::string* text = find_text("starter");
  if (text == nullptr && request.starter) text = &*request.starter;
  if (text != nullptr) options.starter = need(parse_starter(*text));
  return options;
}

std::optional<Duration> HttpBody::lease() const {
  return find_seconds("lease_seconds", Duration{1}, kPolicySecondsMax);
}

RunId need_run(const HttpCall& call) {
  RUNLEDGER_ASSERT(!call.parameters.empty());
  return RunId{need(parse_uuid(call.parameters[0], "run"))};
}

AttemptNumber need_attempt(const HttpCall& call) {
  RUNLEDGER_ASSERT(call.parameters.size() > 1);
  return AttemptNumber{
      static_cast<std::uint32_t>(need(parse_number(call.parameters[1], "attempt", {.min = 1, .max = UINT32_MAX})))};
}

RunFilter need_filter(const HttpTarget& target) {
  return Parameters(target.queries).need_filter();
}

bool need_switch(const HttpTarget& target, std::string_view name) {
  return Parameters(target.queries).need_switch(name);
}

std::size_t need_limit(const HttpTarget& target, std::size_t otherwise, std::size_t max) {
  const auto* text = target.find("limit");
  return text == nullptr ? otherwise : need(parse_number(*text, "limit", {.min = 1, .max = max}));
}

}  // namespace runledger
