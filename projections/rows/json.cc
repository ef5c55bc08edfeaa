// Writes rows, attempts and totals as JSON, with members in the order of the columns.
#include "projections/rows/json.h"

#include "ledger/exchange/report_json.h"
#include "ledger/exchange/request_json.h"
#include "ledger/values/base64.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

constexpr std::string_view kInputMember = "context";

template <class Value>
std::string json_of(const Value& value) {
  JsonWriter out;
  out.value(value);
  return out.take();
}

std::string_view key_of_total(const std::string& key) {
  return key;
}

std::string key_of_total(std::uint32_t key) {
  return std::to_string(key);
}

template <class Totals>
void write_totals(JsonWriter& out, std::string_view name, const Totals& totals) {
  out.key(name).begin_object();
  for (const auto& [key, total] : totals) out.member(key_of_total(key), total);
  out.end_object();
}

// Names the sums that are too large for the number beside their key, which is then the least that they can be.
void write_at_least(JsonWriter& out, const Statistics::Totals& sums) {
  out.key("summary_counts_at_least").begin_array();
  for (const auto& [key, sum] : sums) {
    if (sum == Statistics::kSumMax) out.text(key);
  }
  out.end_array();
}

void write_standing(JsonWriter& out, const LogStanding& standing) {
  out.begin_object().member("size", standing.tree.size);
  out.member("root", format_base64(bytes_of(standing.tree.root)));
  out.member("signed_size", standing.signed_size).end_object();
}

}  // namespace

std::vector<RowMember> row_members(const OperationRun::Row& row) {
  const std::string id = json_of(format_uuid(row.id.value));
  return {{"run_id", id},
          {"id", id},
          {"workspace_id", json_of(row.scope.workspace.str())},
          {"tenant_id", json_of(row.scope.tenant)},
          {"type", json_of(row.type.str())},
          {"status", json_of(to_string(row.status))},
          {"outcome", json_of(to_string(row.outcome))},
          {"run_identity_hash", json_of(format_identity(row.identity))},
          {"attempt", json_of(row.attempt.value)},
          {"max_attempts", json_of(row.max_attempts)},
          {"deduped_count", json_of(row.deduped_count)},
          {"initiator", json_of(row.initiator)},
          {"reason_code", json_of(row.reason_code)},
          {"summary_counts", counts_to_json(row.summary_counts)},
          {"failure_summary", failures_to_json(row.failures)},
          {kInputMember, row.context.canonical()},
          {"requested_at", json_of(format_time(row.requested_at))},
          {"started_at", json_of(row.started_at)},
          {"completed_at", json_of(row.completed_at)},
          {"created_at", json_of(format_time(row.created_at))},
          {"updated_at", json_of(format_time(row.updated_at))},
          {"run_version", json_of(row.run_version.value)},
          {"last_sequence", json_of(row.last_sequence.value)},
          {"labels", labels_to_json(row.labels)},
          {"parent_run_id", json_of(row.parent)},
          {"root_run_id", json_of(row.root)},
          {"rerun_of", json_of(row.rerun_of)},
          {"caller", json_of(format_caller(row.caller))},
          {"imported_open", row.imported_open ? "true" : "false"},
          {"skipped_count", json_of(row.skipped_count)},
          {"traceparent", row.traceparent ? json_of(format_traceparent(*row.traceparent)) : "null"}};
}

std::string row_to_json(const OperationRun::Row& row, const Counts& progress, RowView view) {
  JsonWriter out;
  out.begin_object();
  for (const RowMember& member : row_members(row)) {
    if (view == RowView::kWhole || member.name != kInputMember) out.key(member.name).json(member.json);
  }
  if (!progress.empty()) out.key("progress").json(counts_to_json(progress));
  out.end_object();
  return out.take();
}

std::string attempt_to_json(const AttemptRow& attempt) {
  JsonWriter out;
  out.begin_object();
  out.member("attempt", attempt.attempt.value);
  out.member("token", attempt.token.value);
  out.member("worker", attempt.worker.str());
  out.member("started_at", format_time(attempt.started_at));
  out.member("finished_at", attempt.finished_at);
  out.member("outcome", attempt.outcome);
  out.key("summary_counts").json(counts_to_json(attempt.summary_counts));
  out.key("failures").json(failures_to_json(attempt.failures));
  out.member("late", attempt.late);
  out.end_object();
  return out.take();
}

std::string totals_to_json(const LedgerTotals& totals) {
  const Statistics& statistics = totals.statistics;
  std::uint64_t events_total = 0;
  for (const auto& [kind, total] : statistics.events_by_kind) events_total += total;

  JsonWriter out;
  out.begin_object().member("runs", statistics.runs);
  write_totals(out, "by_status", statistics.by_status);
  write_totals(out, "by_outcome", statistics.by_outcome);
  write_totals(out, "by_type", statistics.by_type);
  write_totals(out, "by_tenant", statistics.by_tenant);
  write_totals(out, "by_scope", statistics.by_scope);
  write_totals(out, "by_attempts", statistics.by_attempts);
  out.member("attempts", statistics.attempts);
  out.key("events").begin_object().member("total", events_total);
  write_totals(out, "by_kind", statistics.events_by_kind);
  out.end_object();
  write_totals(out, "deduped", statistics.deduped);
  write_totals(out, "summary_counts", statistics.summary_counts);
  write_at_least(out, statistics.summary_counts);
  out.key("left_out").begin_object();
  out.member("by_type", statistics.left_out.by_type).member("by_tenant", statistics.left_out.by_tenant);
  out.member("by_scope", statistics.left_out.by_scope);
  out.member("summary_counts", statistics.left_out.summary_counts).end_object();
  out.member("head", totals.head.value);
  if (totals.log) write_standing(out.key("log"), *totals.log);
  out.end_object();
  return out.take();
}

}  // namespace runledger
