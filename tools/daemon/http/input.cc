// Checks of members, queries and parameters.
#include "tools/daemon/http/input.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ledger/base/assert.h"
#include "ledger/values/json.h"

namespace runledger {
namespace {

using nlohmann::json;

// A body is an input with a little around it.
constexpr JsonLimits kBodyLimits = {
    .bytes_max = 1024 * 1024, .depth_max = RunInput::kDepthMax + 1, .keys_max = RunInput::kKeysMax + 256};

[[noreturn]] void refuse_body(std::string_view detail) {
  refuse_request("body.malformed", detail);
}

FailureNote need_failure(const json& value) {
  if (!value.is_object()) refuse_body("expected each of failures to be an object");
  for (const auto& [name, member] : value.items()) {
    if (name != "reason_code" && name != "message")
      refuse_body(fmt::format("expected a failure to have reason_code and message, found \"{}\"", name));
    if (!member.is_string() && !member.is_null())
      refuse_body(fmt::format("expected {} to be text, found {}", name, member.type_name()));
  }
  const auto text = [&](const char* name) {
    const auto found = value.find(name);
    return found == value.end() || found->is_null() ? std::string() : found->get<std::string>();
  };
  return {need(parse_reason_code(text("reason_code"))), sanitize(text("message"))};
}

}  // namespace

void refuse_request(std::string_view code, std::string_view detail) {
  throw BadRequest{reject(code, detail)};
}

std::uint64_t need_number(std::string_view text, std::string_view field, NumberRange range) {
  if (const auto value = find_number(text, range)) return *value;
  refuse_request(fmt::format("{}.invalid", field),
                 fmt::format("{}: expected a whole number from {} to {}", field, range.min, range.max));
}

HttpBody::HttpBody(const HttpRequest& request, const std::vector<std::string_view>& known)
    : object_(std::make_unique<json>(json::object())) {
  if (!request.body.empty()) *object_ = need(parse_json(request.body, kBodyLimits));
  if (!object_->is_object()) refuse_body(fmt::format("expected an object, found {}", object_->type_name()));
  for (const auto& [name, value] : object_->items()) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      refuse_body(fmt::format("expected only known members, found \"{}\"", name));
  }
}

HttpBody::~HttpBody() = default;

const json* HttpBody::find(const char* name) const {
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> HttpBody::find_text(const char* name) const {
  const json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) refuse_body(fmt::format("expected {} to be text, found {}", name, value->type_name()));
  return value->get<std::string>();
}

std::string HttpBody::text(const char* name) const {
  std::optional<std::string> value = find_text(name);
  if (!value) refuse_body(fmt::format("expected \"{}\", found none", name));
  return *std::move(value);
}

bool HttpBody::flag(const char* name, bool otherwise) const {
  const json* value = find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean())
    refuse_body(fmt::format("expected {} to be true or false, found {}", name, value->type_name()));
  return value->get<bool>();
}

RunInput HttpBody::input() const {
  const json* value = find("input");
  return value == nullptr ? RunInput() : need(RunInput::from_value(*value));
}

Sequence HttpBody::token() const {
  const json* value = find("token");
  if (value == nullptr) refuse_body("expected \"token\", found none");
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() == 0)
    refuse_request("token.invalid", "token: expected a whole number from 1");
  return Sequence{value->get<std::uint64_t>()};
}

Counts HttpBody::counts() const {
  Counts counts;
  const json* value = find("summary_counts");
  if (value == nullptr) return counts;
  if (!value->is_object())
    refuse_body(fmt::format("expected summary_counts to be an object, found {}", value->type_name()));
  if (value->size() > kCountKeysMax)
    refuse_request("counts.too_many", fmt::format("expected at most {} keys, found {}", kCountKeysMax, value->size()));
  for (const auto& [name, count] : value->items()) {
    CountKey key = need(parse_count_key(name));
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() > kCountMax)
      refuse_request("counts.invalid", fmt::format("expected {} to be a whole number from 0 to {}", name, kCountMax));
    counts.emplace(std::move(key), count.get<std::uint64_t>());
  }
  return counts;
}

std::vector<RunType> HttpBody::types() const {
  const json* value = find("types");
  if (value == nullptr || !value->is_array()) refuse_body("expected types to be an array of names");
  if (value->size() > kClaimTypesMax)
    refuse_request("claim.invalid", fmt::format("expected at most {} types, found {}", kClaimTypesMax, value->size()));
  std::vector<RunType> types;
  for (const json& name : *value) {
    if (!name.is_string()) refuse_body(fmt::format("expected types to hold names, found {}", name.type_name()));
    types.push_back(need(parse_run_type(name.get_ref<const std::string&>())));
  }
  return types;
}

std::chrono::seconds HttpBody::wait() const {
  const json* value = find("wait_seconds");
  if (value == nullptr) return {};
  const auto max = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(kClaimWaitMax).count());
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > max)
    refuse_request("claim.invalid", fmt::format("expected wait_seconds to be a whole number from 0 to {}", max));
  return std::chrono::seconds(value->get<std::int64_t>());
}

std::vector<FailureNote> HttpBody::failures() const {
  std::vector<FailureNote> failures;
  const json* value = find("failures");
  if (value == nullptr) return failures;
  if (!value->is_array()) refuse_body(fmt::format("expected failures to be an array, found {}", value->type_name()));
  if (value->size() > kFailuresPerEventMax)
    refuse_request("failures.too_many",
                   fmt::format("expected at most {} failures, found {}", kFailuresPerEventMax, value->size()));
  for (const json& failure : *value) failures.push_back(need_failure(failure));
  return failures;
}

CommandOptions HttpBody::mark(const HttpRequest& request) const {
  CommandOptions mark;
  if (const auto text = find_text("command_id")) mark.id = CommandId{need(parse_uuid(*text, "command_id"))};
  if (const auto text = find_text("occurred_at")) mark.occurred_at = need(parse_time(*text));
  if (!request.idempotency_key) return mark;
  const CommandId key{need(parse_uuid(*request.idempotency_key, "idempotency_key"))};
  if (mark.id && *mark.id != key)
    refuse_request("command_id.ambiguous", "expected command_id and Idempotency-Key to be the same, found two");
  mark.id = key;
  return mark;
}

RunId need_run(const HttpCall& call) {
  RUNLEDGER_ASSERT(!call.parameters.empty());
  return RunId{need(parse_uuid(call.parameters[0], "run"))};
}

AttemptNumber need_attempt(const HttpCall& call) {
  RUNLEDGER_ASSERT(call.parameters.size() > 1);
  return AttemptNumber{
      static_cast<std::uint32_t>(need_number(call.parameters[1], "attempt", {.min = 1, .max = UINT32_MAX}))};
}

RunFilter need_filter(const HttpTarget& target) {
  RunFilter filter;
  if (const auto* text = target.find("workspace")) filter.workspace = need(parse_workspace(*text));
  if (const auto* text = target.find("tenant")) filter.tenant = need(parse_tenant(*text));
  if (const auto* text = target.find("type")) filter.type = need(parse_run_type(*text));
  if (const auto* text = target.find("status")) {
    filter.status = parse_run_status(*text);
    if (!filter.status) refuse_request("status.invalid", "expected queued, running or completed");
  }
  if (const auto* text = target.find("outcome")) {
    filter.outcome = parse_run_outcome(*text);
    if (!filter.outcome)
      refuse_request("outcome.invalid",
                     "expected pending, succeeded, partially_succeeded, blocked, failed or cancelled");
  }
  if (const auto* text = target.find("since")) filter.since = need(parse_time(*text));
  if (const auto* text = target.find("until")) filter.until = need(parse_time(*text));
  if (filter.since && filter.until && *filter.since > *filter.until)
    refuse_request("range.invalid", "expected since at or before until");
  return filter;
}

std::size_t need_limit(const HttpTarget& target, std::size_t otherwise, std::size_t max) {
  const auto* text = target.find("limit");
  return text == nullptr ? otherwise : need_number(*text, "limit", {.min = 1, .max = max});
}

}  // namespace runledger
