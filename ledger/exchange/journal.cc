// Checks and translates journal lines.
#include "ledger/exchange/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "ledger/rules/ask.h"
#include "ledger/base/utf8.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/visible_text.h"
#include "ledger/values/json.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

using nlohmann::json;

// Of runledger's import namespaces; the namespace of a source is the version 5 UUID of its name in this one. Fixed for
// ever: run ids of every import follow from it.
constexpr Uuid kImportSpace = {
    {0x6b, 0x1f, 0x0c, 0x5e, 0x3d, 0x0a, 0x4e, 0x55, 0x9c, 0x1d, 0x72, 0x75, 0x6e, 0x6c, 0x64, 0x67}};

// A line is an input with a little around it.
constexpr JsonLimits kJournalLineLimits = {
    .bytes_max = kJournalLineBytesMax, .depth_max = RunInput::kDepthMax + 1, .keys_max = RunInput::kKeysMax + 16};

// Ends the translation of one line; caught in translate().
struct BadLine {
  Rejection rejection;
};

[[noreturn]] void malformed(std::string_view detail) {
  throw BadLine{reject("journal.malformed", detail)};
}

template <class T>
T need(Result<T> result) {
  if (!result) throw BadLine{result.rejection()};
  return *std::move(result);
}

// An object of which every member must be known. A member that is null counts as absent.
class JournalMembers {
 public:
  JournalMembers(const json& object, std::string_view what, std::initializer_list<std::string_view> known)
      : object_(object), what_(what) {
    if (!object.is_object()) malformed(fmt::format("expected {} to be an object, found {}", what, object.type_name()));
    for (const auto& [name, value] : object.items()) {
      if (std::find(known.begin(), known.end(), name) == known.end())
        malformed(fmt::format("expected only known members of {}, found \"{}\"", what, name));
    }
  }

  [[nodiscard]] const json* find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  [[nodiscard]] const std::string* find_text(const char* name) const {
    const json* value = find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_string()) malformed(fmt::format("expected {} to be text, found {}", name, value->type_name()));
    return value->get_ptr<const std::string*>();
  }

  [[nodiscard]] const std::string& text(const char* name) const {
    const std::string* value = find_text(name);
    if (value == nullptr) malformed(fmt::format("expected {} to have \"{}\", found none", what_, name));
    return *value;
  }

  [[nodiscard]] std::string_view optional_text(const char* name) const {
    const std::string* value = find_text(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
  }

  // A name by which the source calls something. Keys become digests, but a secret has no business in one.
  [[nodiscard]] const std::string& key(const char* name) const {
    const std::string& value = text(name);
    const std::size_t length = count_characters(value);
    if (length == 0 || length > kJournalKeyCharactersMax)
      throw BadLine{
          reject(fmt::format("{}.invalid", name),
                 fmt::format("expected a key of 1 to {} characters, found {}", kJournalKeyCharactersMax, length))};
    if (contains_secret(visible_text(value).view()))
      throw BadLine{reject(fmt::format("{}.secret", name), "expected a key, found what looks like a credential")};
    return value;
  }

 private:
  const json& object_;
  std::string_view what_;
};

Counts journal_counts(const json* value) {
  Counts counts;
  if (value == nullptr) return counts;
  if (!value->is_object())
    malformed(fmt::format("expected summary_counts to be an object, found {}", value->type_name()));
  if (value->size() > kCountKeysMax)
    throw BadLine{
        reject("counts.too_many", fmt::format("expected at most {} keys, found {}", kCountKeysMax, value->size()))};
  for (const auto& [name, count] : value->items()) {
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() > kCountMax)
      throw BadLine{
          reject("counts.invalid", fmt::format("expected {} to be a whole number from 0 to {}", name, kCountMax))};
    counts.emplace(need(parse_count_key(name)), count.get<std::uint64_t>());
  }
  return counts;
}

FailureNote read_failure(const json& value) {
  const JournalMembers members(value, "failure", {"reason_code", "message"});
  return {need(parse_reason_code(members.text("reason_code"))), sanitize(members.optional_text("message"))};
}

bool read_retryable(const json* value) {
  if (value == nullptr) return true;
  if (!value->is_boolean())
    malformed(fmt::format("expected retryable to be true or false, found {}", value->type_name()));
  return value->get<bool>();
}

AttemptOutcome read_outcome(const std::string& text) {
  const std::optional<AttemptOutcome> outcome = parse_attempt_outcome(text);
  if (!outcome || *outcome == AttemptOutcome::kLost)
    throw BadLine{reject(
        "outcome.invalid",
        fmt::format("expected succeeded, partially_succeeded, blocked, failed or cancelled, found \"{}\"", text))};
  return *outcome;
}

AttemptKey attempt_key(RunId run, std::string_view key) {
  return content_digest({run.value.view(), key});
}

// To a source, its line has a wrong form, whichever rule of JSON it breaks.
json read_line(std::string_view text) {
  Result<json> line = parse_json(text, kJournalLineLimits);
  if (!line) malformed(line.rejection().code + ": " + line.rejection().detail.str());
  return *std::move(line);
}

LineKind kind_of(const json& line) {
  if (!line.is_object()) malformed(fmt::format("expected an object, found {}", line.type_name()));
  const auto kind = line.find("kind");
  if (kind == line.end() || !kind->is_string()) malformed("expected \"kind\" to be the name of a kind");
  const LineKind known = parse_line_kind(kind->get_ref<const std::string&>());
  if (static_cast<std::size_t>(known) >= kJournalKinds)
    malformed(fmt::format("expected kind requested, attempt-started, attempt-finished or failed, found \"{}\"",
                          kind->get_ref<const std::string&>()));
  return known;
}

Command read_requested(const json& line, const IdentityKey& key, const Catalog& catalog,
                       const JournalTranslator& translator) {
  const JournalMembers members(line, "a requested line", {"kind", "run", "workspace", "tenant", "type", "input", "at"});
  RunRequest request;
  request.run = translator.run_id(members.key("run"));
  request.workspace = need(parse_workspace(members.text("workspace")));
  if (const std::string* tenant = members.find_text("tenant")) request.tenant = need(parse_tenant(*tenant));
  request.type = need(parse_run_type(members.text("type")));
  if (const json* input = members.find("input")) request.input = need(RunInput::from_value(*input));
  return need(prepare_request(std::move(request), key, catalog));
}

Command read_started(const json& line, const JournalTranslator& translator) {
  const JournalMembers members(line, "an attempt-started line", {"kind", "run", "attempt", "worker", "at"});
  const RunId run = translator.run_id(members.key("run"));
  return StartAttempt{
      .run = run, .worker = sanitize(members.optional_text("worker")), .key = attempt_key(run, members.key("attempt"))};
}

Command read_finished(const json& line, const JournalTranslator& translator) {
  const JournalMembers members(line, "an attempt-finished line",
                               {"kind", "run", "attempt", "outcome", "summary_counts", "failure", "retryable", "at"});
  FinishAttempt finish;
  finish.run = translator.run_id(members.key("run"));
  finish.attempt = attempt_key(finish.run, members.key("attempt"));
  finish.outcome = read_outcome(members.text("outcome"));
  finish.summary_counts = journal_counts(members.find("summary_counts"));
  if (const json* failure = members.find("failure")) finish.failures.push_back(read_failure(*failure));
  finish.retryable = read_retryable(members.find("retryable"));
  return finish;
}

Command read_failed(const json& line, const JournalTranslator& translator) {
  const JournalMembers members(line, "a failed line", {"kind", "run", "reason_code", "message", "at"});
  FailRun fail;
  fail.run = translator.run_id(members.key("run"));
  fail.reason_code = need(parse_reason_code(members.text("reason_code")));
  fail.message = sanitize(members.optional_text("message"));
  fail.outcome = fail.reason_code.str() == "run.cancelled" ? RunOutcome::kCancelled : RunOutcome::kFailed;
  return fail;
}

Command read_command(LineKind kind, const json& line, const IdentityKey& key, const Catalog& catalog,
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
    case LineKind::kUnknown:
      break;
  }
  malformed("expected a known kind");
}

Time read_at(const json& line) {
  const auto at = line.find("at");
  if (at == line.end() || !at->is_string()) malformed("expected \"at\" to be a time as text");
  return need(parse_time(at->get_ref<const std::string&>()));
}

}  // namespace

JournalTranslator::JournalTranslator(const IdentityKey& key, std::shared_ptr<JournalImport> import,
                                     std::string_view name)
    : key_(key), import_(std::move(import)), space_(name_based_uuid(kImportSpace, name)) {}

JournalLine JournalTranslator::translate(std::uint64_t number, std::string_view text) {
  LineKind kind = LineKind::kUnknown;
  if (text.size() > kJournalLineBytesMax)
    return {kind, reject("journal.line_too_long", fmt::format("expected at most {} bytes", kJournalLineBytesMax))};
  try {
    const json line = read_line(text);
    kind = kind_of(line);
    return {kind, Submission{.command = read_command(kind, line, key_, *import_->catalog, *this),
                             .id = line_id(number, text),
                             .occurred_at = read_at(line),
                             .import = import_}};
  } catch (const BadLine& bad) {
    return {kind, bad.rejection};
  }
}

// The first 48 bits count the lines, so that the store meets the ids of an import in their order: it inserts and finds
// neighbours much faster than ids that are spread over everything.
CommandId JournalTranslator::line_id(std::uint64_t number, std::string_view text) const {
  CommandId id{name_based_uuid(space_, fmt::format("{}\n{}", number, text))};
  for (std::size_t i = 0; i < 6; ++i) id.value.bytes[i] = static_cast<std::uint8_t>(number >> (8 * (5 - i)));
  return {custom_uuid(id.value)};
}

RunId JournalTranslator::run_id(std::string_view key) const {
  // The shape is looked at first, because a refusal has to be worded and sanitised, which costs more than all the rest
  // here.
  if (key.size() == 36 && key[8] == '-') {
    if (const auto uuid = parse_uuid(key, "run")) return RunId{*uuid};
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
