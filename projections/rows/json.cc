// Writes rows, attempts and totals as JSON, member by member in the order of the columns.
#include "projections/rows/json.h"

#include <nlohmann/json.hpp>

#include "ledger/rules/event.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

using Json = nlohmann::ordered_json;

Json optional_time(const std::optional<Time>& time) {
  return time ? Json(format_time(*time)) : Json(nullptr);
}

template <class Text>
Json optional_text(const std::optional<Text>& text) {
  return text ? Json(text->str()) : Json(nullptr);
}

Json counts_json(const Counts& counts) {
  Json json = Json::object();
  for (const auto& [key, count] : counts) json[key.str()] = count;
  return json;
}

Json failures_json(const std::vector<FailureNote>& failures) {
  Json json = Json::array();
  for (const FailureNote& failure : failures)
    json.push_back({{"reason_code", failure.reason_code.str()}, {"message", failure.message.str()}});
  return json;
}

Json totals_json(const Statistics::Totals& totals) {
  Json json = Json::object();
  for (const auto& [key, total] : totals) json[key] = total;
  return json;
}

Json totals_json(const std::map<std::uint32_t, std::uint64_t>& totals) {
  Json json = Json::object();
  for (const auto& [key, total] : totals) json[std::to_string(key)] = total;
  return json;
}

}  // namespace

Json row_to_json(const OperationRun::Row& row) {
  const std::string id = format_uuid(row.id.value);
  Json json;
  json["run_id"] = id;
  json["id"] = id;
  json["workspace_id"] = row.scope.workspace.str();
  json["tenant_id"] = optional_text(row.scope.tenant);
  json["type"] = row.type.str();
  json["status"] = to_string(row.status);
  json["outcome"] = to_string(row.outcome);
  json["run_identity_hash"] = format_identity(row.identity);
  json["attempt"] = row.attempt.value;
  json["max_attempts"] = row.max_attempts;
  json["deduped_count"] = row.deduped_count;
  json["initiator"] = optional_text(row.initiator);
  json["reason_code"] = optional_text(row.reason_code);
  json["summary_counts"] = counts_json(row.summary_counts);
  json["failure_summary"] = failures_json(row.failures);
  json["context"] = Json::parse(row.context.canonical());
  json["requested_at"] = format_time(row.requested_at);
  json["started_at"] = optional_time(row.started_at);
  json["completed_at"] = optional_time(row.completed_at);
  json["created_at"] = format_time(row.created_at);
  json["updated_at"] = format_time(row.updated_at);
  json["run_version"] = row.run_version.value;
  json["last_sequence"] = row.last_sequence.value;
  return json;
}

Json attempt_to_json(const AttemptRow& attempt) {
  Json json;
  json["attempt"] = attempt.attempt.value;
  json["token"] = attempt.token.value;
  json["worker"] = attempt.worker.str();
  json["started_at"] = format_time(attempt.started_at);
  json["finished_at"] = optional_time(attempt.finished_at);
  json["outcome"] = attempt.outcome ? Json(to_string(*attempt.outcome)) : Json(nullptr);
  json["summary_counts"] = counts_json(attempt.summary_counts);
  json["failures"] = failures_json(attempt.failures);
  json["late"] = attempt.late;
  return json;
}

Json statistics_to_json(const Statistics& statistics, Sequence head) {
  std::uint64_t events_total = 0;
  for (const auto& [kind, total] : statistics.events_by_kind) events_total += total;

  Json json;
  json["runs"] = statistics.runs;
  json["by_status"] = totals_json(statistics.by_status);
  json["by_outcome"] = totals_json(statistics.by_outcome);
  json["by_type"] = totals_json(statistics.by_type);
  json["by_tenant"] = totals_json(statistics.by_tenant);
  json["by_attempts"] = totals_json(statistics.by_attempts);
  json["attempts"] = statistics.attempts;
  json["events"] = {{"total", events_total}, {"by_kind", totals_json(statistics.events_by_kind)}};
  json["deduped"] = totals_json(statistics.deduped);
  json["summary_counts"] = totals_json(statistics.summary_counts);
  json["left_out"] = {{"by_type", statistics.left_out.by_type},
                      {"by_tenant", statistics.left_out.by_tenant},
                      {"summary_counts", statistics.left_out.summary_counts}};
  json["head"] = head.value;
  return json;
}

// These two are written for every row of the mirror, so without building a document first.
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
    json.begin_object();
    json.key("reason_code").text(failure.reason_code.str());
    json.key("message").text(failure.message.str());
    json.end_object();
  }
  json.end_array();
  return json.take();
}

}  // namespace runledger
