// Leaves out what cannot be kept of a report, and writes reports that were kept.
#include "ledger/exchange/report_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ledger/rules/report.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

std::optional<std::uint64_t> whole_number(const JsonValue& value) {
  const auto* number = value.get_if<std::int64_t>();
  return number != nullptr && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

template <class Report>
void read_counts(const JsonValue& counts, std::string_view member, Report& report) {
  if (const auto* array = counts.get_if<JsonValue::Array>(); array != nullptr && array->empty()) return;
  const auto* members = counts.get_if<JsonValue::Object>();
  if (members == nullptr) return warn(report, "counts.invalid", member);
  for (const auto& [key, value] : *members) take_count(report, key, whole_number(value));
}

// Returns the text of a member; empty when there is none.
std::string_view text_of(const JsonValue& object, std::string_view member) {
  const auto* text = object.find<std::string>(member);
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

}  // namespace

void read_details(const JsonObject& in, FinishAttempt& report) {
  if (const JsonValue* counts = in.find("summary_counts")) read_counts(*counts, "summary_counts", report);
  const JsonValue* failures = in.find("failures");
  if (failures == nullptr) return;
  const auto* elements = failures->get_if<JsonValue::Array>();
  if (elements == nullptr) return warn(report, "failures.invalid", "failures");
  for (std::size_t i = 0; i < elements->size(); ++i) read_failure((*elements)[i], i, report);
}

void read_progress(const JsonObject& in, Heartbeat& heartbeat) {
  const JsonValue* counts = in.find("progress");
  if (counts == nullptr) return;
  heartbeat.progress.emplace();
  read_counts(*counts, "progress", heartbeat);
}

void read_failure(const JsonValue& in, std::size_t index, FinishAttempt& report) {
  const std::string path = fmt::format("failures[{}]", index);
  const auto* members = in.get_if<JsonValue::Object>();
  if (members == nullptr) return warn(report, "failures.invalid", path);
  const auto is_known = [](const auto& member) { return member.first == "reason_code" || member.first == "message"; };
  if (!std::all_of(members->begin(), members->end(), is_known)) warn(report, "failures.invalid", path);
  take_failure(report, index, text_of(in, "reason_code"), text_of(in, "message"));
}

std::string counts_to_json(const Counts& counts) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [key, count] : counts) json.key(key.str()).number(count);
  json.end_object();
  return json.take();
}

std::string failures_to_json(const std::vector<FailureNote>& failures) {
  JsonWriter json;
  json.begin_array();
  for (const FailureNote& failure : failures) {
    json.begin_object().member("reason_code", failure.reason_code).member("message", failure.message).end_object();
  }
  json.end_array();
  return json.take();
}

}  // namespace runledger
