// Writes envelopes as JSON. Reading them is in ledger/exchange/envelope_from_json.cc.
#include "ledger/exchange/envelope_json.h"

#include <fmt/format.h>

#include <optional>

#include "ledger/log/codec.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

// Seconds, with the fraction digits that it takes, so that a reader gets the same microseconds back.
std::string seconds_text(Duration duration) {
  const std::int64_t us = duration.count();
  const std::int64_t whole = us / kMicrosecondsPerSecond;
  const std::int64_t fraction = us % kMicrosecondsPerSecond;
  if (fraction == 0) return fmt::format("{}", whole);
  std::string text = fmt::format("{}.{:06}", whole, fraction);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

void write_time(JsonWriter& out, std::string_view key, const std::optional<Time>& time) {
  out.key(key);
  time ? out.text(format_time(*time)) : out.null();
}

void write_text(JsonWriter& out, std::string_view key, const std::optional<SanitizedText>& text) {
  out.key(key);
  text ? out.text(text->str()) : out.null();
}

void write_run(JsonWriter& out, std::string_view key, const std::optional<RunId>& run) {
  out.key(key);
  run ? out.text(format_uuid(run->value)) : out.null();
}

void write_failures(JsonWriter& out, const std::vector<FailureNote>& failures) {
  out.key("failures").begin_array();
  for (const FailureNote& failure : failures) {
    out.begin_object();
    out.key("reason_code").text(failure.reason_code.str());
    out.key("message").text(failure.message.str());
    out.end_object();
  }
  out.end_array();
}

void write_policy(JsonWriter& out, const Policy& policy) {
  out.key("policy").begin_object();
  out.key("max_attempts").number(policy.max_attempts);
  out.key("backoff_seconds").json(seconds_text(policy.backoff.initial));
  out.key("backoff_max_seconds").json(seconds_text(policy.backoff.max));
  out.key("lease_seconds").json(seconds_text(policy.lease));
  out.key("cooldown_seconds").json(seconds_text(policy.cooldown.length));
  out.key("cooldown_from").text(policy.cooldown.from == CooldownFrom::kCompletion ? "completion" : "request");
  out.key("cooldown_after").begin_array();
  for (unsigned outcome = 0; outcome <= static_cast<unsigned>(RunOutcome::kCancelled); ++outcome) {
    if (((policy.cooldown.after.bits >> outcome) & 1U) != 0) out.text(to_string(static_cast<RunOutcome>(outcome)));
  }
  out.end_array().end_object();
}

void write_data(JsonWriter& out, const Requested& requested) {
  out.key("type").text(requested.type.str());
  out.key("identity").text(format_identity(requested.identity));
  out.key("fingerprint_version").number(requested.fingerprint_version);
  out.key("input").json(requested.input.canonical());
  write_text(out, "initiator", requested.initiator);
  write_policy(out, requested.policy);
  out.key("forced").boolean(requested.forced);
  write_run(out, "rerun_of", requested.rerun_of);
}

void write_data(JsonWriter& out, const Deduped& deduped) {
  out.key("rule").text(to_string(deduped.rule));
  out.key("stage").text(to_string(deduped.stage));
  write_text(out, "asked_by", deduped.asked_by);
  write_time(out, "retry_at", deduped.retry_at);
  write_run(out, "requested_run_id", deduped.requested_run);
}

void write_data(JsonWriter& out, const AttemptStarted& started) {
  out.key("attempt").number(started.attempt.value);
  out.key("worker").text(started.worker.str());
  out.key("lease_seconds").json(seconds_text(started.lease));
  if (started.key) out.key("attempt_key").text(format_hex(bytes_of(*started.key)));
}

void write_data(JsonWriter& out, const AttemptFinished& finished) {
  out.key("attempt").number(finished.attempt.value);
  out.key("outcome").text(to_string(finished.outcome));
  out.key("summary_counts").begin_object();
  for (const auto& [key, value] : finished.summary_counts) out.key(key.str()).number(value);
  out.end_object();
  write_failures(out, finished.failures);
  out.key("retryable").boolean(finished.retryable);
  out.key("disposition").text(to_string(finished.disposition));
  write_time(out, "not_before", finished.not_before);
}

void write_data(JsonWriter& out, const RunFailed& failed) {
  out.key("reason_code").text(failed.reason_code.str());
  write_failures(out, failed.failures);
  out.key("outcome").text(to_string(failed.outcome));
}

}  // namespace

std::string envelope_to_json(const Envelope& envelope) {
  return envelope_to_json(envelope, event_id(encode(envelope)));
}

std::string envelope_to_json(const Envelope& envelope, const EventId& id) {
  JsonWriter out;
  out.begin_object();
  out.key("sequence").number(envelope.sequence.value);
  out.key("event_id").text(format_uuid(id.value));
  out.key("run_id").text(format_uuid(envelope.run.value));
  out.key("run_version").number(envelope.run_version.value);
  out.key("workspace_id").text(envelope.scope.workspace.str());
  out.key("tenant_id");
  envelope.scope.tenant ? out.text(envelope.scope.tenant->str()) : out.null();
  out.key("scope_sequence").number(envelope.scope_sequence.value);
  out.key("kind").text(kind_name(envelope.event));
  write_time(out, "recorded_at", envelope.recorded_at);
  write_time(out, "occurred_at", envelope.occurred_at);
  if (envelope.origin == Origin::kImported) out.key("imported").boolean(true);
  if (envelope.command) out.key("command_id").text(format_uuid(envelope.command->value));
  out.key("data").begin_object();
  std::visit([&out](const auto& event) { write_data(out, event); }, envelope.event);
  out.end_object().end_object();
  return out.take();
}

}  // namespace runledger
