// Checks and translates journal lines.
//
// translate() parses a line, reads its kind, and calls one function per kind (read_requested(), read_started(), …) that
// reads the members and builds the command. They read through JsonObject, so that an unknown member is refused, and so
// is a missing one that the kind requires. Any of them may throw Refused; translate() catches it and returns the
// rejection. It keeps the kind that it has read by then, for the report.
//
// An import can be interrupted and run again, so a line must always give the same command, with the same ids:
//
// - The namespace of a source is the UUID of version 5 of its name in kImportSpace.
// - A run's id is its key, if that is a UUID, else the UUID of version 5 of the key in the namespace of the source.
// - An attempt's key is the digest of its run's id and the source's own key for the attempt.
// - The command id is derived from the namespace and from the line's number and text. A repeated line therefore gets
//   its earlier answer, and a line that was edited is a different command.
//
// Identity and policy come from prepare_request(), as for live requests, but under the import's own catalog: history
// was made under its own rules.
#include "ledger/exchange/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/utf8.h"
#include "ledger/exchange/name_mapping.h"
#include "ledger/exchange/report_json.h"
#include "ledger/exchange/request_json.h"
#include "ledger/rules/ask.h"
#include "ledger/rules/report.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/visible_text.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

// The namespace in which the namespaces of all sources are made. It must never change, because the run ids of every
// import are derived from it.
constexpr Uuid kImportSpace = {
    {0x6b, 0x1f, 0x0c, 0x5e, 0x3d, 0x0a, 0x4e, 0x55, 0x9c, 0x1d, 0x72, 0x75, 0x6e, 0x6c, 0x64, 0x67}};

// A line is an input with a few members around it.
constexpr JsonLimits kJournalLineLimits = {
    .bytes_max = kJournalLineBytesMax, .depth_max = RunInput::kDepthMax + 1, .keys_max = RunInput::kKeysMax + 16};

constexpr std::string_view kMalformed = "journal.malformed";

[[noreturn]] void malformed(std::string_view detail) {
  refuse(kMalformed, detail);
}

// Returns the value that `member` was read as, or refuses the line with the member's name before the reason.
template <class T>
T need_in(std::string_view member, Result<T> result) {
  if (!result) refuse(result.rejection().code, fmt::format("\"{}\": {}", member, result.rejection().detail.str()));
  return *std::move(result);
}

// Reads a member that is the source's own key for a run or an attempt; a whole number counts as its decimal text. A key
// is only stored as a UUID or a digest, but one that looks like a credential is refused all the same.
std::string key_of(const JsonObject& members, std::string_view name) {
  const JsonValue* given = members.find(name);
  const auto* number = given != nullptr ? given->get_if<std::int64_t>() : nullptr;
  if (number != nullptr) return std::to_string(*number);
  const std::string& value = members.text(name);
  const std::size_t length = count_characters(value);
  if (length == 0 || length > kJournalKeyCharactersMax)
    refuse(fmt::format("{}.invalid", name), fmt::format("\"{}\": expected a key of 1 to {} characters, found {}", name,
                                                        kJournalKeyCharactersMax, length));
  if (contains_secret(visible_text(value).view()))
    refuse(fmt::format("{}.secret", name),
           fmt::format("\"{}\": expected a key, found what looks like a credential", name));
  return value;
}

AttemptKey attempt_key(RunId run, std::string_view key) {
  return content_digest({run.value.view(), key});
}

// For the author of a journal, a line that breaks a rule of JSON's form is malformed, so all these codes become one,
// and the detail names the rule. A number that would be altered has its own code, as on every other way in.
JsonValue read_line(std::string_view text) {
  Result<JsonValue> line = parse_json(text, kJournalLineLimits);
  if (!line && line.rejection().code == "json.number_out_of_range") throw Refused(line.rejection());
  if (!line) malformed(line.rejection().code + ": " + line.rejection().detail.str());
  return *std::move(line);
}

void map_name(JsonValue& object, std::string_view member, std::string (*mapped)(std::string_view)) {
  auto* const members = std::get_if<JsonValue::Object>(&object.held);
  const auto found = members != nullptr ? members->find(member) : JsonValue::Object::iterator();
  if (members == nullptr || found == members->end()) return;
  if (auto* const name = std::get_if<std::string>(&found->second.held)) *name = mapped(*name);
}

// Every member that has a name has it on one kind of line only, so the kind need not be known.
void map_names(JsonValue& line) {
  map_name(line, "workspace", mapped_scope_name);
  map_name(line, "tenant", mapped_scope_name);
  map_name(line, "type", mapped_type);
  map_name(line, "reason_code", mapped_reason_code);
  auto* const members = std::get_if<JsonValue::Object>(&line.held);
  if (members == nullptr) return;
  if (const auto failure = members->find("failure"); failure != members->end())
    map_name(failure->second, "reason_code", mapped_reason_code);
}

LineKind kind_of(const JsonObject& line) {
  const std::string& kind = line.text("kind");
  const LineKind known = parse_line_kind(kind);
  if (static_cast<std::size_t>(known) >= kJournalKinds)
    malformed(fmt::format("expected kind requested, attempt-started, attempt-finished or failed, found \"{}\"", kind));
  return known;
}

Command read_requested(const JsonObject& line, const IdentityKey& key, const Catalog& catalog,
                       const JournalTranslator& translator) {
  line.only({"kind", "run", "workspace", "tenant", "type", "input", "initiator", "parent", "rerun_of", "labels",
             "traceparent", "policy", "at"});
  RunRequest request;
  request.run = translator.run_id(key_of(line, "run"));
  request.workspace = need(parse_workspace(line.text("workspace")));
  if (const std::string* tenant = line.find_text("tenant")) request.tenant = need(parse_tenant(*tenant));
  request.type = need(parse_run_type(line.text("type")));
  if (const JsonValue* input = line.find("input")) request.input = need(RunInput::from_value(*input));
  if (const auto* initiator = line.find_text("initiator")) request.initiator = sanitize(*initiator);
  if (line.find("parent") != nullptr) request.parent = translator.run_id(key_of(line, "parent"));
  if (line.find("rerun_of") != nullptr) request.rerun_of = translator.run_id(key_of(line, "rerun_of"));
  read_optional_members(line, request);
  return need(prepare_request(std::move(request), key, catalog));
}

Command read_started(const JsonObject& line, const JournalTranslator& translator) {
  line.only({"kind", "run", "attempt", "worker", "at"});
  const RunId run = translator.run_id(key_of(line, "run"));
  return StartAttempt{
      .run = run, .worker = sanitize(line.text_or("worker", "")), .key = attempt_key(run, key_of(line, "attempt"))};
}

Command read_finished(const JsonObject& line, const JournalTranslator& translator) {
  line.only({"kind", "run", "attempt", "outcome", "summary_counts", "failure", "retryable", "at"});
  FinishAttempt finish;
  finish.run = translator.run_id(key_of(line, "run"));
  finish.attempt = attempt_key(finish.run, key_of(line, "attempt"));
  finish.outcome = need_in("outcome", parse_reported_outcome(line.text("outcome")));
  read_details(line, finish);
  if (const JsonValue* failure = line.find("failure")) read_failure(*failure, 0, finish);
  finish.retryable = line.boolean_or("retryable", true);
  return finish;
}

Command read_failed(const JsonObject& line, const JournalTranslator& translator) {
  line.only({"kind", "run", "reason_code", "message", "at"});
  FailRun fail;
  fail.run = translator.run_id(key_of(line, "run"));
  fail.reason_code = need(parse_reason_code(line.text("reason_code")));
  fail.message = sanitize(line.text_or("message", ""));
  fail.outcome = fail.reason_code.str() == "run.cancelled" ? RunOutcome::kCancelled : RunOutcome::kFailed;
  return fail;
}

Command read_command(LineKind kind, const JsonObject& line, const IdentityKey& key, const Catalog& catalog,
                     const JournalTranslator& translator) {
  switch (kind) {
    case LineKind::kRequested:
      return read_requested(line, key, catalog, translator);
    case LineKind::kAttemptStarted:
      return read_started(line, translator);
    case LineKind::kAttemptFinished:
      return read_finished(line, translator);
    case LineKind::kFailed:
      return read_failed(line, translator);
    case LineKind::kDeduped:
    case LineKind::kAdopted:
    case LineKind::kUnknown:
      break;  // kind_of() has refused these.
  }
  malformed("expected a known kind");
}

}  // namespace

JournalTranslator::JournalTranslator(const IdentityKey& key, std::shared_ptr<JournalImport> import,
                                     std::string_view name, JournalNames names)
    : key_(key), import_(std::move(import)), space_(name_based_uuid(kImportSpace, name)), names_(names) {}

JournalLine JournalTranslator::translate(std::uint64_t number, std::string_view text) {
  LineKind kind = LineKind::kUnknown;
  if (text.size() > kJournalLineBytesMax)
    return {kind, reject("journal.line_too_long", fmt::format("expected at most {} bytes", kJournalLineBytesMax))};
  try {
    JsonValue value = read_line(text);
    if (names_ == JournalNames::kMapped) map_names(value);
    const JsonObject line(value, "the line", kMalformed);
    kind = kind_of(line);
    return {kind, Submission{.command = read_command(kind, line, key_, *import_->catalog, *this),
                             .id = line_id(number, text),
                             .occurred_at = need_in("at", parse_time(line.text("at"))),
                             .import = import_,
                             .caller = import_->caller}};
  } catch (const Refused& refused) {
    return {kind, refused.rejection()};
  }
}

// The command needs no id, because adopting a run twice is adopting it once. It is decided by the ledger's own time.
JournalLine JournalTranslator::adopt(std::string_view run) const {
  const Result<Uuid> id = parse_uuid(run, "run");
  if (!id) return {LineKind::kAdopted, id.rejection()};
  return {LineKind::kAdopted, Submission{.command = AdoptRun{RunId{*id}}, .caller = import_->caller}};
}

// The first 48 bits are the number of the line, so that the ids of an import come to the store in key order. It inserts
// and finds neighbouring keys much faster than keys that are spread over the whole family.
CommandId JournalTranslator::line_id(std::uint64_t number, std::string_view text) const {
  CommandId id{name_based_uuid(space_, fmt::format("{}\n{}", number, text))};
  for (std::size_t i = 0; i < 6; ++i) id.value.bytes[i] = static_cast<std::uint8_t>(number >> (8 * (5 - i)));
  return {custom_uuid(id.value)};
}

RunId JournalTranslator::run_id(std::string_view key) const {
  // The shape is checked first, because parse_uuid() would have to word and sanitise a refusal, which costs more than
  // everything else here.
  if (key.size() == 36 && key[8] == '-') {
    if (const auto uuid = parse_uuid(key, "run"); uuid && *uuid != Uuid{}) return RunId{*uuid};
  }
  return RunId{name_based_uuid(space_, key)};
}

LineKind parse_line_kind(std::string_view name) {
  const auto* const found = std::find(std::begin(kLineKindNames), std::end(kLineKindNames), name);
  return found == std::end(kLineKindNames) ? LineKind::kUnknown
                                           : static_cast<LineKind>(found - std::begin(kLineKindNames));
}

Policy unlisted_in_journals() {
  Policy policy;
  policy.cooldown.length = Duration::zero();
  return policy;
}

Result<std::string> parse_journal_namespace(std::string_view text) {
  if (text.empty() || text.size() > kJournalNamespaceBytesMax)
    return reject("namespace.invalid",
                  fmt::format("expected 1 to {} bytes, found {}", kJournalNamespaceBytesMax, text.size()));
  return std::string(text);
}

}  // namespace runledger
