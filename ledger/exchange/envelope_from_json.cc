// Reads envelopes from JSON: every field is checked as if it came from outside, because it does.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "ledger/values/json.h"

namespace runledger {
namespace {

using nlohmann::json;

// A line may hold a full input (its own limits) and what is around it.
constexpr JsonLimits kEnvelopeLineLimits{
    .bytes_max = 1024 * 1024, .depth_max = RunInput::kDepthMax + 2, .keys_max = RunInput::kKeysMax + 1024};
constexpr double kDurationMaxUs = 2251799813685248.0;  // 2^51: up to it, a double keeps microseconds exactly.

// Reads the members of one object. The first problem found anywhere in a line is kept, and what is read after it is
// empty, so that the readers below need no branch for each member.
class EnvelopeMembers {
 public:
  EnvelopeMembers(const json* object, std::string name, std::optional<Rejection>& problem)
      : object_(object), name_(std::move(name)), problem_(problem) {
    if (object_ != nullptr && !object_->is_object()) expected("be an object");
  }

  // For members that need not be there.
  [[nodiscard]] bool has(const char* member) const { return sound() && object_->contains(member); }

  // Of an absent member: nothing, which is a problem. Each is asked for once.
  const json* find(const char* member) {
    if (!sound()) return nullptr;
    const auto found = object_->find(member);
    if (found != object_->end()) {
      ++known_;
      return &*found;
    }
    expected(fmt::format("have a member {}", member));
    return nullptr;
  }

  // Refuses members that nobody has asked for.
  void finish() {
    if (sound() && known_ != object_->size()) expected("have no other members than its kind has");
  }

  std::uint64_t number(const char* member, std::uint64_t min, std::uint64_t max) {
    const json* value = find(member);
    if (value == nullptr) return 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() >= min && value->get<std::uint64_t>() <= max) {
      return value->get<std::uint64_t>();
    }
    expected(fmt::format("have a whole number from {} to {} as {}", min, max, member));
    return 0;
  }

  std::uint32_t small_number(const char* member, std::uint32_t min) {
    return static_cast<std::uint32_t>(number(member, min, std::numeric_limits<std::uint32_t>::max()));
  }

  bool boolean(const char* member) {
    const json* value = find(member);
    if (value != nullptr && !value->is_boolean()) expected(fmt::format("have true or false as {}", member));
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }

  // Null when there is none.
  const std::string* text(const char* member) { return as_text(find(member), member); }
  // Null for a JSON null.
  const std::string* text_or_null(const char* member) {
    const json* value = find(member);
    return value != nullptr && value->is_null() ? nullptr : as_text(value, member);
  }

  Duration seconds(const char* member) {
    const json* value = find(member);
    if (value == nullptr) return {};
    const double us =
        value->is_number() ? std::round(value->get<double>() * static_cast<double>(kMicrosecondsPerSecond)) : -1;
    if (us >= 0 && us <= kDurationMaxUs) return Duration{static_cast<std::int64_t>(us)};
    expected(fmt::format("have seconds as {}", member));
    return {};
  }

  // What `parse` makes of a text; a default value when there is none.
  template <class Value, class Parse>
  Value parsed(const std::string* text, const Parse& parse) {
    if (text == nullptr || problem_) return {};
    Result<Value> result = parse(*text);
    if (result) return *std::move(result);
    problem_ = result.rejection();
    return {};
  }

  // One of an enumeration's words.
  template <class Value>
  Value word(const char* member, std::optional<Value> (*parse)(std::string_view)) {
    return word_in(text(member), member, parse);
  }
  template <class Value>
  Value word_in(const std::string* text, const char* member, std::optional<Value> (*parse)(std::string_view)) {
    if (text == nullptr) return {};
    const std::optional<Value> value = parse(*text);
    if (!value) expected(fmt::format("have a known word as {}", member));
    return value.value_or(Value{});
  }

  EnvelopeMembers object(const char* member) { return {find(member), member, problem_}; }

  // The elements of an array; none of what is not one.
  const json& array(const char* member, std::size_t size_max) {
    static const json none = json::array();
    const json* value = find(member);
    if (value == nullptr) return none;
    if (value->is_array() && value->size() <= size_max) return *value;
    expected(fmt::format("have an array of at most {} as {}", size_max, member));
    return none;
  }

  void expected(const std::string& what) {
    if (!problem_) problem_ = reject("event.malformed", fmt::format("expected {} to {}", name_, what));
  }

  [[nodiscard]] std::optional<Rejection>& problem() { return problem_; }
  [[nodiscard]] const json* value() const { return object_; }
  [[nodiscard]] bool sound() const { return !problem_ && object_ != nullptr; }

 private:
  const std::string* as_text(const json* value, const char* member) {
    if (value == nullptr) return nullptr;
    if (value->is_string()) return value->get_ptr<const std::string*>();
    expected(fmt::format("have a text as {}", member));
    return nullptr;
  }

  const json* object_;  // Null: there was none, which is a problem already.
  std::string name_;
  std::optional<Rejection>& problem_;
  std::size_t known_ = 0;
};

template <class Id>
Id read_id(EnvelopeMembers& in, const std::string* text, const char* member) {
  const auto parse = [member](std::string_view form) { return parse_uuid(form, member); };
  return Id{in.parsed<Uuid>(text, parse)};
}

std::optional<RunId> read_run_or_null(EnvelopeMembers& in, const char* member) {
  const std::string* text = in.text_or_null(member);
  if (text == nullptr) return std::nullopt;
  return read_id<RunId>(in, text, member);
}

std::optional<Time> read_time_or_null(EnvelopeMembers& in, const char* member) {
  const std::string* text = in.text_or_null(member);
  if (text == nullptr) return std::nullopt;
  return in.parsed<Time>(text, parse_time);
}

std::optional<SanitizedText> read_text_or_null(EnvelopeMembers& in, const char* member) {
  const std::string* text = in.text_or_null(member);
  if (text == nullptr) return std::nullopt;
  return sanitize(*text);
}

SanitizedText read_text(EnvelopeMembers& in, const char* member) {
  const std::string* text = in.text(member);
  return text == nullptr ? SanitizedText{} : sanitize(*text);
}

std::vector<FailureNote> read_failures(EnvelopeMembers& in) {
  std::vector<FailureNote> failures;
  for (const json& element : in.array("failures", kFailuresPerEventMax)) {
    EnvelopeMembers note(&element, "a failure", in.problem());
    failures.push_back(
        {note.parsed<ReasonCode>(note.text("reason_code"), parse_reason_code), read_text(note, "message")});
    note.finish();
  }
  return failures;
}

CooldownFrom parse_cooldown_from(EnvelopeMembers& in) {
  const std::string* text = in.text("cooldown_from");
  if (text != nullptr && *text == "request") return CooldownFrom::kRequest;
  if (text != nullptr && *text != "completion") in.expected("have completion or request as cooldown_from");
  return CooldownFrom::kCompletion;
}

Policy read_policy(EnvelopeMembers in) {
  Policy policy;
  policy.max_attempts = static_cast<std::uint32_t>(in.number("max_attempts", 1, Policy::kAttemptsMax));
  policy.backoff.initial = in.seconds("backoff_seconds");
  policy.backoff.max = in.seconds("backoff_max_seconds");
  policy.lease = in.seconds("lease_seconds");
  policy.cooldown.length = in.seconds("cooldown_seconds");
  policy.cooldown.from = parse_cooldown_from(in);
  for (const json& element : in.array("cooldown_after", 8)) {
    if (!element.is_string()) in.expected("have texts in cooldown_after");
    const auto* text = element.get_ptr<const std::string*>();
    policy.cooldown.after.insert(in.word_in(text, "cooldown_after", parse_run_outcome));
  }
  in.finish();
  return policy;
}

Requested read_requested(EnvelopeMembers& in) {
  Requested requested;
  requested.type = in.parsed<RunType>(in.text("type"), parse_run_type);
  requested.identity = in.parsed<Identity>(in.text("identity"), parse_identity);
  requested.fingerprint_version = in.small_number("fingerprint_version", 1);
  if (const json* input = in.find("input")) {
    const std::string canonical = canonical_json(*input);
    requested.input = in.parsed<RunInput>(&canonical, RunInput::parse);
  }
  requested.initiator = read_text_or_null(in, "initiator");
  requested.policy = read_policy(in.object("policy"));
  requested.forced = in.boolean("forced");
  requested.rerun_of = read_run_or_null(in, "rerun_of");
  return requested;
}

Deduped read_deduped(EnvelopeMembers& in) {
  Deduped deduped;
  deduped.rule = in.word("rule", parse_dedupe_rule);
  deduped.stage = in.word("stage", parse_dedupe_stage);
  deduped.asked_by = read_text_or_null(in, "asked_by");
  deduped.retry_at = read_time_or_null(in, "retry_at");
  deduped.requested_run = read_run_or_null(in, "requested_run_id");
  return deduped;
}

AttemptKey read_attempt_key(EnvelopeMembers& in) {
  AttemptKey key;
  const std::string* text = in.text("attempt_key");
  const std::optional<std::string> bytes = text == nullptr ? std::nullopt : parse_hex(*text);
  if (bytes && bytes->size() == key.bytes.size()) {
    std::copy(bytes->begin(), bytes->end(), key.bytes.begin());
  } else {
    in.expected("have 32 hexadecimal digits as attempt_key");
  }
  return key;
}

AttemptStarted read_started(EnvelopeMembers& in) {
  AttemptStarted started;
  started.attempt = AttemptNumber{in.small_number("attempt", 1)};
  started.worker = read_text(in, "worker");
  started.lease = in.seconds("lease_seconds");
  if (in.has("attempt_key")) started.key = read_attempt_key(in);
  return started;
}

Counts read_counts(EnvelopeMembers in) {
  Counts counts;
  if (!in.sound()) return counts;
  if (in.value()->size() > kCountKeysMax) in.expected(fmt::format("have at most {} keys", kCountKeysMax));
  for (const auto& [name, value] : in.value()->items()) {
    const auto key = in.parsed<CountKey>(&name, parse_count_key);
    counts.emplace(key, in.number(name.c_str(), 0, kCountMax));
  }
  return counts;
}

AttemptFinished read_finished(EnvelopeMembers& in) {
  AttemptFinished finished;
  finished.attempt = AttemptNumber{in.small_number("attempt", 1)};
  finished.outcome = in.word("outcome", parse_attempt_outcome);
  finished.summary_counts = read_counts(in.object("summary_counts"));
  finished.failures = read_failures(in);
  finished.retryable = in.boolean("retryable");
  finished.disposition = in.word("disposition", parse_disposition);
  finished.not_before = read_time_or_null(in, "not_before");
  return finished;
}

RunFailed read_run_failed(EnvelopeMembers& in) {
  RunFailed failed;
  failed.reason_code = in.parsed<ReasonCode>(in.text("reason_code"), parse_reason_code);
  failed.failures = read_failures(in);
  failed.outcome = in.word("outcome", parse_run_outcome);
  return failed;
}

Event read_event(EnvelopeMembers in, const std::string& kind) {
  static_assert(std::variant_size_v<Event> == 5, "a new kind of event needs its reader here");
  Event event;
  if (kind == kEventKinds[0]) event = read_requested(in);
  if (kind == kEventKinds[1]) event = read_deduped(in);
  if (kind == kEventKinds[2]) event = read_started(in);
  if (kind == kEventKinds[3]) event = read_finished(in);
  if (kind == kEventKinds[4]) event = read_run_failed(in);
  in.finish();
  return event;
}

Envelope read_envelope(EnvelopeMembers& in) {
  constexpr std::uint64_t kSequenceMax = std::uint64_t{1} << 53U;
  Envelope envelope;
  envelope.sequence = Sequence{in.number("sequence", 1, kSequenceMax)};
  envelope.run = read_id<RunId>(in, in.text("run_id"), "run_id");
  envelope.run_version = RunVersion{in.small_number("run_version", 1)};
  envelope.scope.workspace = in.parsed<Workspace>(in.text("workspace_id"), parse_workspace);
  if (const std::string* tenant = in.text_or_null("tenant_id")) {
    envelope.scope.tenant = in.parsed<Tenant>(tenant, parse_tenant);
  }
  envelope.scope_sequence = ScopeSequence{in.number("scope_sequence", 1, kSequenceMax)};
  envelope.recorded_at = in.parsed<Time>(in.text("recorded_at"), parse_time);
  envelope.occurred_at = read_time_or_null(in, "occurred_at");
  if (in.has("imported") && in.boolean("imported")) envelope.origin = Origin::kImported;
  if (in.has("command_id")) {
    envelope.command = read_id<CommandId>(in, in.text("command_id"), "command_id");
  }
  const std::string* kind = in.text("kind");
  if (kind == nullptr) return envelope;
  if (std::find(std::begin(kEventKinds), std::end(kEventKinds), *kind) == std::end(kEventKinds)) {
    in.expected("be of a known kind");
  }
  envelope.event = read_event(in.object("data"), *kind);
  return envelope;
}

}  // namespace

Result<Envelope> envelope_from_json(std::string_view line) {
  const Result<json> document = parse_json(line, kEnvelopeLineLimits);
  if (!document) return document.rejection();
  std::optional<Rejection> problem;
  EnvelopeMembers in(&*document, "the event", problem);
  Envelope envelope = read_envelope(in);
  const auto id = read_id<EventId>(in, in.text("event_id"), "event_id");
  in.finish();
  if (problem) return *std::move(problem);
  if (id != event_id(encode(envelope))) {
    return reject(
        "event.id_mismatch",
        fmt::format("expected event_id {} to be of this content, found that it is of another", format_uuid(id.value)));
  }
  return envelope;
}

}  // namespace runledger
