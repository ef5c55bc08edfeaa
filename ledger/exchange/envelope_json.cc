// Writes envelopes as JSON. ledger/exchange/envelope_from_json.cc reads them.
//
// Every value is written so that reading it gives the same value: the line must lead back to the same stored bytes, and
// so to the same event id.
#include "ledger/exchange/envelope_json.h"

#include <fmt/format.h>

#include <optional>

#include "ledger/exchange/report_json.h"
#include "ledger/exchange/request_json.h"
#include "ledger/log/codec.h"
#include "ledger/values/base64.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

// Returns a duration in seconds, with as many fraction digits as it needs, so that a reader gets the same microseconds.
std::string seconds_text(Duration duration) {
  const std::int64_t us = duration.count();
  const std::int64_t whole = us / kMicrosecondsPerSecond;
  const std::int64_t fraction = us % kMicrosecondsPerSecond;
  if (fraction == 0) return fmt::format("{}", whole);
  std::string text = fmt::format("{}.{:06}", whole, fraction);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

void write_policy(JsonWriter& out, const Policy& policy) {
  out.key("policy").begin_object();
  out.member("max_attempts", policy.max_attempts);
  out.key("backoff_seconds").json(seconds_text(policy.backoff.initial));
  out.key("backoff_max_seconds").json(seconds_text(policy.backoff.max));
  out.key("lease_seconds").json(seconds_text(policy.lease));
  out.key("cooldown_seconds").json(seconds_text(policy.cooldown.length));
  out.member("cooldown_from", to_string(policy.cooldown.from));
  out.key("cooldown_after").begin_array();
  // No contains() here: an empty set means every outcome, and it must be read back as an empty set.
  for (unsigned outcome = 0; outcome <= static_cast<unsigned>(RunOutcome::kCancelled); ++outcome) {
    if (((policy.cooldown.after.bits >> outcome) & 1U) != 0) out.text(to_string(static_cast<RunOutcome>(outcome)));
  }
  out.end_array().end_object();
}

void write_data(JsonWriter& out, const Requested& requested) {
  out.member("type", requested.type.str());
  out.member("identity", format_identity(requested.identity));
  out.member("fingerprint_version", requested.fingerprint_version);
  out.key("input").json(requested.input.canonical());
  out.member("initiator", requested.initiator);
  write_policy(out, requested.policy);
  out.member("digest", format_hex(bytes_of(requested.digest)));
  out.member("forced", requested.forced);
  out.member("rerun_of", requested.rerun_of);
  if (requested.ancestors) {
    out.member("parent_run_id", requested.ancestors->parent);
    out.member("root_run_id", requested.ancestors->root);
  }
  if (!requested.labels.empty()) out.key("labels").json(labels_to_json(requested.labels));
  if (requested.traceparent) out.member("traceparent", format_traceparent(*requested.traceparent));
}

void write_data(JsonWriter& out, const Deduped& deduped) {
  out.member("rule", to_string(deduped.rule));
  out.member("stage", to_string(deduped.stage));
  out.member("asked_by", deduped.asked_by);
  out.member("retry_at", deduped.retry_at);
  out.member("requested_run_id", deduped.requested_run);
  if (deduped.starter) out.member("starter", format_hex(bytes_of(*deduped.starter)));
  if (deduped.stands_until) out.member("stands_until", deduped.stands_until);
}

void write_data(JsonWriter& out, const AttemptStarted& started) {
  out.member("attempt", started.attempt.value);
  out.member("worker", started.worker.str());
  out.key("lease_seconds").json(seconds_text(started.lease));
  if (started.key) out.member("attempt_key", format_hex(bytes_of(*started.key)));
  if (started.starter) out.member("starter", format_hex(bytes_of(*started.starter)));
}

void write_data(JsonWriter& out, const AttemptFinished& finished) {
  out.member("attempt", finished.attempt.value);
  out.member("outcome", to_string(finished.outcome));
  out.key("summary_counts").json(counts_to_json(finished.summary_counts));
  out.key("failures").json(failures_to_json(finished.failures));
  out.member("retryable", finished.retryable);
  out.member("disposition", to_string(finished.disposition));
  out.member("not_before", finished.not_before);
  out.member("digest", format_hex(bytes_of(finished.digest)));
}

void write_data(JsonWriter& out, const RunFailed& failed) {
  out.member("reason_code", failed.reason_code.str());
  out.member("initiator", failed.initiator);
  out.key("failures").json(failures_to_json(failed.failures));
  out.member("outcome", to_string(failed.outcome));
  out.member("digest", format_hex(bytes_of(failed.digest)));
}

void write_data(JsonWriter&, const RunAdopted&) {}

void write_data(JsonWriter& out, const Restored& restored) {
  out.member("scope_numbers_skipped", restored.skipped);
  out.member("outside_mark", restored.outside_mark.value);
  out.member("backup_made_at", restored.backup_made_at);
}

void write_data(JsonWriter& out, const Recovered& recovered) {
  out.member("scope_numbers_skipped", recovered.skipped);
  out.member("outside_mark", recovered.outside_mark.value);
  out.member("kept", recovered.kept).member("given_up", recovered.given_up);
  out.member("damage", recovered.damage.str());
}

void write_data(JsonWriter& out, const Erased& erased) {
  out.member("workspace_id", erased.scope.workspace).member("tenant_id", erased.scope.tenant);
  out.member("reason", erased.reason.str()).key("keys").begin_array();
  for (const std::uint64_t key : erased.keys) out.text(format_key_id({key}));
  out.end_array();
}

// An event of the ledger itself has neither a run nor a scope.
void write_run_and_scope(JsonWriter& out, const Envelope& envelope) {
  const bool of_run = !is_of_ledger(envelope.event);
  out.member("run_id", of_run ? std::optional(envelope.run) : std::nullopt);
  out.member("run_version", envelope.run_version.value);
  out.member("workspace_id", of_run ? std::optional(envelope.scope.workspace) : std::nullopt);
  out.member("tenant_id", envelope.scope.tenant);
}

}  // namespace

std::string envelope_to_json(const Envelope& envelope) {
  return envelope_to_json(envelope, event_id(encode(envelope)));
}

std::string envelope_to_json(const Envelope& envelope, const EventId& id) {
  JsonWriter out;
  out.begin_object();
  out.member("sequence", envelope.sequence.value);
  out.member("event_id", format_uuid(id.value));
  write_run_and_scope(out, envelope);
  out.member("scope_sequence", envelope.scope_sequence.value);
  out.key("previous_scope_sequence");
  envelope.previous.value != 0 ? out.number(envelope.previous.value) : out.null();
  out.member("kind", kind_name(envelope.event));
  out.member("recorded_at", format_time(envelope.recorded_at));
  out.member("occurred_at", envelope.occurred_at);
  if (envelope.origin == Origin::kImported) out.member("imported", true);
  if (envelope.command) out.member("command_id", format_uuid(envelope.command->value));
  if (envelope.caller != Caller())
    out.member("caller", format_caller(envelope.caller)).member("caller_kind", envelope.caller.kind);
  out.key("data").begin_object();
  std::visit([&out](const auto& event) { write_data(out, event); }, envelope.event);
  out.end_object();
  if (!envelope.sealed.bytes.empty())
    out.member("sealed", format_base64(envelope.sealed.bytes)).member("readable", envelope.sealed.is_readable);
  out.end_object();
  return out.take();
}

}  // namespace runledger
