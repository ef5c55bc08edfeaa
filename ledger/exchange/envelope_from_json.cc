// Reads envelopes from JSON. Every field is checked as if it came from outside, because it does.
//
// parse_json() builds a document within kEnvelopeLineLimits; then read_envelope() reads the members of the line, and
// one function for each kind of event reads "data". They mirror write_data() in ledger/exchange/envelope_json.cc. All
// of them read through JsonObject, which is strict: only() refuses unknown members, and a member that is missing, or
// has another form, is refused too. Only what the writer leaves out may be absent ("imported", "command_id",
// "attempt_key" and what a request need not say of itself); members that it sets to null must be present.
//
// The form of every value is checked as a caller's is, but secrets are not looked for: they were when the event was
// recorded, and a stricter rule of a later version must not make an old event unreadable. Any of these functions may
// throw Refused, and envelope_from_json() turns it into the rejection that it returns.
//
// The last check makes the reading exact: the envelope is encoded again, and the id of those bytes must be the line's
// event_id. It fails if the line was edited. An accepted event therefore has the same bytes, and the same leaf in the
// tree, as in the ledger that it was exported from.
#include <fmt/format.h>

#include <limits>
#include <optional>

#include "ledger/base/big_endian.h"
#include "ledger/base/utf8.h"
#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "ledger/values/base64.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"

namespace runledger {

// Restores checked values. It is a class because it can make the key that restores them (ledger/base/from_log.h).
class EventJson {
 public:
  template <class NameType>
  static NameType name(std::string_view exported) {
    return need(restore_name<NameType>(exported, FromLog()));
  }
  static SanitizedText text(std::string_view exported) {
    std::optional<SanitizedText> restored = restore_text(exported, FromLog());
    if (!restored) refuse("event.malformed", "expected texts without invisible characters, of the length that is kept");
    return *std::move(restored);
  }
  static RunInput input(const JsonValue& exported) { return need(RunInput::restore(exported, FromLog())); }
};

namespace {

// A line may contain an input that uses its own limits fully, and the rest of the event around it. What was stored once
// is read, even if its numbers would be refused today.
constexpr JsonLimits kEnvelopeLineLimits{.bytes_max = 1024 * 1024,
                                         .depth_max = RunInput::kDepthMax + 2,
                                         .keys_max = RunInput::kKeysMax + 1024,
                                         .numbers = JsonNumbers::kRounded};
constexpr Duration kDurationMax{std::int64_t{1} << 51U};  // Up to this, a double in seconds is exact to microseconds.
constexpr NumberRange kSmallNumber = {.min = 1, .max = std::numeric_limits<std::uint32_t>::max()};

std::uint32_t small_number(const JsonObject& in, std::string_view member) {
  return static_cast<std::uint32_t>(in.number(member, kSmallNumber));
}

Duration read_seconds(const JsonObject& in, std::string_view member) {
  return in.seconds(member, Duration::zero(), kDurationMax);
}

template <class Id>
Id parse_id(const std::string& text, std::string_view member) {
  return Id{need(parse_uuid(text, member))};
}

std::optional<RunId> read_run_or_null(const JsonObject& in, std::string_view member) {
  const std::string* text = in.nullable_text(member);
  return text == nullptr ? std::nullopt : std::optional(parse_id<RunId>(*text, member));
}

std::optional<Time> read_time_or_null(const JsonObject& in, std::string_view member) {
  const std::string* text = in.nullable_text(member);
  return text == nullptr ? std::nullopt : std::optional(need(parse_time(*text)));
}

std::optional<SanitizedText> read_text_or_null(const JsonObject& in, std::string_view member) {
  const std::string* text = in.nullable_text(member);
  return text == nullptr ? std::nullopt : std::optional(EventJson::text(*text));
}

std::vector<FailureNote> read_failures(const JsonObject& in) {
  const JsonValue::Array& elements = in.array("failures");
  if (elements.size() > kFailuresPerEventMax)
    in.refuse_member("failures", fmt::format("an array of at most {}", kFailuresPerEventMax));
  std::vector<FailureNote> failures;
  for (const JsonValue& element : elements) {
    const JsonObject note = in.element(element, "a failure").only({"reason_code", "message"});
    failures.push_back({EventJson::name<ReasonCode>(note.text("reason_code")), EventJson::text(note.text("message"))});
  }
  return failures;
}

ContentDigest read_digest(const JsonObject& in, std::string_view member) {
  const std::string& text = in.text(member);
  const std::optional<ContentDigest> digest = parse_digest<16>(text);
  if (!digest) in.refuse_member(member, "32 hexadecimal digits", text);
  return *digest;
}

Policy read_policy(const JsonObject& in) {
  in.only({"max_attempts", "backoff_seconds", "backoff_max_seconds", "lease_seconds", "cooldown_seconds",
           "cooldown_from", "cooldown_after"});
  Policy policy;
  policy.max_attempts = static_cast<std::uint32_t>(in.number("max_attempts", {.min = 1, .max = Policy::kAttemptsMax}));
  policy.backoff.initial = read_seconds(in, "backoff_seconds");
  policy.backoff.max = read_seconds(in, "backoff_max_seconds");
  policy.lease = read_seconds(in, "lease_seconds");
  policy.cooldown.length = read_seconds(in, "cooldown_seconds");
  policy.cooldown.from = in.word<CooldownFrom>("cooldown_from", "completion or request");
  for (const std::string_view text : in.texts("cooldown_after"))
    policy.cooldown.after.insert(in.known_word<RunOutcome>("cooldown_after", text));
  return policy;
}

Traceparent read_traceparent(const JsonObject& in) {
  const std::string& text = in.text("traceparent");
  const std::optional<Traceparent> value = parse_traceparent(text);
  if (!value) in.refuse_member("traceparent", "a traceparent of W3C Trace Context", text);
  return *value;
}

Labels read_labels(const JsonObject& in) {
  if (in.members().size() > kLabelsMax) in.refuse_object(fmt::format("have at most {} labels", kLabelsMax));
  Labels labels;
  for (const auto& [name, value] : in.members()) {
    SanitizedText text = EventJson::text(in.text(name));
    if (count_characters(text.str()) > kLabelValueCharactersMax)
      in.refuse_member(name, fmt::format("a text of at most {} characters", kLabelValueCharactersMax));
    labels.emplace(EventJson::name<LabelKey>(name), std::move(text));
  }
  return labels;
}

Requested read_requested(const JsonObject& in) {
  in.only({"type", "identity", "fingerprint_version", "input", "initiator", "policy", "digest", "forced", "rerun_of",
           "parent_run_id", "root_run_id", "labels", "traceparent"});
  Requested requested;
  requested.type = EventJson::name<RunType>(in.text("type"));
  requested.identity = need(parse_identity(in.text("identity")));
  requested.fingerprint_version = small_number(in, "fingerprint_version");
  requested.input = EventJson::input(in.nullable("input"));
  requested.initiator = read_text_or_null(in, "initiator");
  requested.policy = read_policy(in.object("policy"));
  requested.digest = read_digest(in, "digest");
  requested.forced = in.boolean("forced");
  requested.rerun_of = read_run_or_null(in, "rerun_of");
  if (in.has("parent_run_id")) {
    requested.ancestors = {.parent = parse_id<RunId>(in.text("parent_run_id"), "parent_run_id"),
                           .root = parse_id<RunId>(in.text("root_run_id"), "root_run_id")};
  }
  if (in.has("labels")) requested.labels = read_labels(in.object("labels"));
  if (in.has("traceparent")) requested.traceparent = read_traceparent(in);
  return requested;
}

Deduped read_deduped(const JsonObject& in) {
  in.only({"rule", "stage", "asked_by", "retry_at", "requested_run_id", "starter", "stands_until"});
  Deduped deduped;
  deduped.rule = in.word<DedupeRule>("rule");
  deduped.stage = in.word<DedupeStage>("stage");
  deduped.asked_by = read_text_or_null(in, "asked_by");
  deduped.retry_at = read_time_or_null(in, "retry_at");
  deduped.requested_run = read_run_or_null(in, "requested_run_id");
  if (in.has("starter")) deduped.starter = read_digest(in, "starter");
  if (in.has("stands_until")) deduped.stands_until = read_time_or_null(in, "stands_until");
  return deduped;
}

AttemptStarted read_started(const JsonObject& in) {
  in.only({"attempt", "worker", "lease_seconds", "attempt_key", "starter"});
  AttemptStarted started;
  started.attempt = AttemptNumber{small_number(in, "attempt")};
  started.worker = EventJson::text(in.text("worker"));
  started.lease = read_seconds(in, "lease_seconds");
  if (in.has("attempt_key")) started.key = read_digest(in, "attempt_key");
  if (in.has("starter")) started.starter = read_digest(in, "starter");
  return started;
}

Counts read_summary(const JsonObject& in) {
  if (in.members().size() > kCountKeysMax) in.refuse_object(fmt::format("have at most {} keys", kCountKeysMax));
  Counts counts;
  for (const auto& [name, value] : in.members())
    counts.emplace(EventJson::name<CountKey>(name), in.number(name, {.max = kCountMax}));
  return counts;
}

AttemptFinished read_finished(const JsonObject& in) {
  in.only({"attempt", "outcome", "summary_counts", "failures", "retryable", "disposition", "not_before", "digest"});
  AttemptFinished finished;
  finished.attempt = AttemptNumber{small_number(in, "attempt")};
  finished.outcome = in.word<AttemptOutcome>("outcome");
  finished.summary_counts = read_summary(in.object("summary_counts"));
  finished.failures = read_failures(in);
  finished.retryable = in.boolean("retryable");
  finished.disposition = in.word<Disposition>("disposition");
  finished.not_before = read_time_or_null(in, "not_before");
  finished.digest = read_digest(in, "digest");
  return finished;
}

RunFailed read_run_failed(const JsonObject& in) {
  in.only({"reason_code", "initiator", "failures", "outcome", "digest"});
  RunFailed failed;
  failed.reason_code = EventJson::name<ReasonCode>(in.text("reason_code"));
  failed.initiator = read_text_or_null(in, "initiator");
  failed.failures = read_failures(in);
  failed.outcome = in.word<RunOutcome>("outcome");
  failed.digest = read_digest(in, "digest");
  return failed;
}

Restored read_restored(const JsonObject& in) {
  in.only({"scope_numbers_skipped", "outside_mark", "backup_made_at"});
  return {.skipped = in.number("scope_numbers_skipped", {.max = kCountMax}),
          .outside_mark = Sequence{in.number("outside_mark", {.max = kCountMax})},
          .backup_made_at = need(parse_time(in.text("backup_made_at")))};
}

Recovered read_recovered(const JsonObject& in) {
  in.only({"scope_numbers_skipped", "outside_mark", "kept", "given_up", "damage"});
  return {.skipped = in.number("scope_numbers_skipped", {.max = kCountMax}),
          .outside_mark = Sequence{in.number("outside_mark", {.max = kCountMax})},
          .kept = in.number("kept", {.max = kCountMax}),
          .given_up = in.number("given_up", {.max = kCountMax}),
          .damage = EventJson::text(in.text("damage"))};
}

Erased read_erased(const JsonObject& in) {
  in.only({"workspace_id", "tenant_id", "reason", "keys"});
  Erased erased;
  erased.scope = {EventJson::name<Workspace>(in.text("workspace_id")), EventJson::name<Tenant>(in.text("tenant_id"))};
  erased.reason = EventJson::text(in.text("reason"));
  for (const std::string_view key : in.texts("keys")) {
    const std::optional<SealKeyId> id = parse_key_id(key);
    if (!id) in.refuse_member("keys", "ids of 16 hexadecimal digits");
    erased.keys.push_back(id->value);
  }
  return erased;
}

// The kinds have the order of Event's alternatives.
Event read_event(const JsonObject& in, const std::string& kind) {
  static_assert(std::variant_size_v<Event> == 9, "a new kind of event needs its reader here");
  const JsonObject data = in.object("data");
  if (kind == kEventKinds[0]) return read_requested(data);
  if (kind == kEventKinds[1]) return read_deduped(data);
  if (kind == kEventKinds[2]) return read_started(data);
  if (kind == kEventKinds[3]) return read_finished(data);
  if (kind == kEventKinds[4]) return read_run_failed(data);
  if (kind == kEventKinds[5]) {
    data.only({});
    return RunAdopted{};
  }
  if (kind == kEventKinds[6]) return read_restored(data);
  if (kind == kEventKinds[7]) return read_erased(data);
  if (kind == kEventKinds[8]) return read_recovered(data);
  in.refuse_member("kind", "a known kind", kind);
}

// An event without a caller was caused by the ledger itself.
Caller read_caller(const JsonObject& in) {
  if (!in.has("caller")) return {};
  const auto kind = in.word<CallerKind>("caller_kind");
  const std::string& text = in.text("caller");
  const std::optional<Caller> caller = parse_caller(text, kind);
  if (!caller) in.refuse_member("caller", fmt::format("a caller of kind {}", to_string(kind)), text);
  return *caller;
}

SealedContent read_sealed(const JsonObject& in) {
  if (!in.has("sealed")) return {};
  std::optional<std::string> bytes = parse_base64(in.text("sealed"));
  if (!bytes || bytes->size() < kSealBytes) in.refuse_member("sealed", "a sealed content in base64");
  return {.bytes = *std::move(bytes), .is_readable = in.boolean("readable")};
}

Envelope read_envelope(const JsonObject& in) {
  in.only({"sequence", "event_id", "run_id", "run_version", "workspace_id", "tenant_id", "scope_sequence",
           "previous_scope_sequence", "kind", "recorded_at", "occurred_at", "imported", "command_id", "caller",
           "caller_kind", "data", "sealed", "readable"});
  constexpr NumberRange kSequences = {.min = 1, .max = std::uint64_t{1} << 53U};
  Envelope envelope;
  envelope.sequence = Sequence{in.number("sequence", kSequences)};
  envelope.event = read_event(in, in.text("kind"));
  envelope.run_version = RunVersion{small_number(in, "run_version")};
  if (is_of_ledger(envelope.event)) {
    if (in.nullable_text("run_id") != nullptr || in.nullable_text("workspace_id") != nullptr)
      in.refuse_object("have neither a run nor a workspace, as an event of the ledger itself");
  } else {
    envelope.run = parse_id<RunId>(in.text("run_id"), "run_id");
    envelope.scope.workspace = EventJson::name<Workspace>(in.text("workspace_id"));
  }
  if (const std::string* tenant = in.nullable_text("tenant_id"))
    envelope.scope.tenant = EventJson::name<Tenant>(*tenant);
  envelope.scope_sequence = ScopeSequence{in.number("scope_sequence", kSequences)};
  if (!in.nullable("previous_scope_sequence").is_null())
    envelope.previous = ScopeSequence{in.number("previous_scope_sequence", kSequences)};
  envelope.recorded_at = need(parse_time(in.text("recorded_at")));
  envelope.occurred_at = read_time_or_null(in, "occurred_at");
  if (in.has("imported") && in.boolean("imported")) envelope.origin = Origin::kImported;
  if (in.has("command_id")) envelope.command = parse_id<CommandId>(in.text("command_id"), "command_id");
  envelope.caller = read_caller(in);
  envelope.sealed = read_sealed(in);
  return envelope;
}

}  // namespace

Result<Envelope> envelope_from_json(std::string_view line) {
  try {
    const JsonValue document = need(parse_json(line, kEnvelopeLineLimits));
    const JsonObject in(document, "the event", "event.malformed");
    Envelope envelope = read_envelope(in);
    const auto id = parse_id<EventId>(in.text("event_id"), "event_id");
    if (id == event_id(encode(envelope))) return envelope;
    return reject("event.id_mismatch", fmt::format("expected event_id {} to match this content, found other content",
                                                   format_uuid(id.value)));
  } catch (const Refused& refused) {
    return refused.rejection();
  }
}

}  // namespace runledger
