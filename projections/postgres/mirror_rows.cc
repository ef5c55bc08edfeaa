// Writes the fields of rows, and the statements over all columns.
#include "projections/postgres/mirror_rows.h"

#include <array>

#include "ledger/exchange/report_json.h"
#include "ledger/exchange/request_json.h"
#include "projections/postgres/jsonb_text.h"

namespace runledger {
namespace {

constexpr std::array<std::string_view, 29> kRunColumns = {"id",
                                                          "workspace_id",
                                                          "tenant_id",
                                                          "type",
                                                          "status",
                                                          "outcome",
                                                          "run_identity_hash",
                                                          "attempt",
                                                          "max_attempts",
                                                          "deduped_count",
                                                          "initiator",
                                                          "reason_code",
                                                          "summary_counts",
                                                          "failure_summary",
                                                          "context",
                                                          "requested_at",
                                                          "started_at",
                                                          "completed_at",
                                                          "created_at",
                                                          "updated_at",
                                                          "run_version",
                                                          "last_sequence",
                                                          "labels",
                                                          "parent_run_id",
                                                          "root_run_id",
                                                          "rerun_of",
                                                          "caller",
                                                          "imported_open",
                                                          "skipped_count"};
constexpr std::array<std::string_view, 1> kRunKey = {"id"};

constexpr std::array<std::string_view, 12> kAttemptColumns = {"run_id",   "attempt", "worker",      "started_at",
                                                              "ended_at", "outcome", "reason_code", "summary_counts",
                                                              "failures", "lost",    "late",        "last_sequence"};
constexpr std::array<std::string_view, 2> kAttemptKey = {"run_id", "attempt"};

// The names, separated by `separator`, each in the form that `form` gives it.
template <class Form>
std::string joined(std::span<const std::string_view> names, const char* separator, Form form) {
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += separator;
    list += form(std::string(name));
  }
  return list;
}

std::string column_list(const MirrorTable& table) {
  return joined(table.columns, ", ", [](const std::string& column) { return column; });
}

// "a = from.a, b = from.b", for all columns.
std::string assignments(const MirrorTable& table, const std::string& from) {
  return joined(table.columns, ", ", [&](const std::string& column) { return column + " = " + from + "." + column; });
}

// "l.a = r.a and l.b = r.b", for the columns of the key.
std::string same_key(const MirrorTable& table, const std::string& left, const std::string& right) {
  return joined(table.key, " and ",
                [&](const std::string& column) { return left + "." + column + " = " + right + "." + column; });
}

std::string insert_from(const MirrorTable& table, const char* staging) {
  const std::string columns = column_list(table);
  return std::string("insert into ") + table.name + " (" + columns + ") select " + columns + " from " + staging + " s";
}

std::string update_where(const MirrorTable& table, const char* condition) {
  return std::string("update ") + table.name + " r set " + assignments(table, "b") + " from " + table.batch +
         " b where " + same_key(table, "b", "r") + condition;
}

std::string upsert_where(const MirrorTable& table, const char* condition) {
  return insert_from(table, table.batch) + condition + " on conflict (" +
         joined(table.key, ", ", [](const std::string& column) { return column; }) + ") do update set " +
         assignments(table, "excluded");
}

// Rows are few compared with the table, whatever the planner thinks of a temporary table without statistics.
void prefer_lookups(pqxx::transaction_base& transaction) {
  transaction.exec("select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)");
}

// Writes fields that may be absent.
class FieldWriter {
 public:
  explicit FieldWriter(CopyTuple& tuple) : tuple_(tuple) {}

  void time(const std::optional<Time>& value) { value ? tuple_.time(value->unix_us) : tuple_.null(); }
  void id(const std::optional<RunId>& value) { value ? tuple_.bytes(value->value.view()) : tuple_.null(); }

  template <class Word>
  void word(const std::optional<Word>& value) {
    value ? tuple_.bytes(to_string(*value)) : tuple_.null();
  }

  template <class Text>
  void text(const std::optional<Text>& value) {
    value ? tuple_.bytes(value->str()) : tuple_.null();
  }

 private:
  CopyTuple& tuple_;
};

// Writes JSON in one of the two forms.
class JsonFieldWriter {
 public:
  JsonFieldWriter(CopyTuple& tuple, JsonForm form) : tuple_(tuple), form_(form) {}

  void write(std::string_view canonical) {
    if (form_ == JsonForm::kCanonical) return tuple_.jsonb(canonical);
    stored_.clear();
    append_jsonb_text(stored_, canonical);
    tuple_.jsonb(stored_);
  }

 private:
  CopyTuple& tuple_;
  JsonForm form_;
  std::string stored_;
};

}  // namespace

const MirrorTable& runs_table() {
  static constexpr MirrorTable table{.name = OperationRun::kName.data(),  // A literal, so it ends in a zero byte.
                                     .columns = kRunColumns,
                                     .key = kRunKey,
                                     .batch = "pg_temp.operation_runs_batch",
                                     .fold = "pg_temp.operation_runs_fold",
                                     .suspects = "pg_temp.operation_runs_suspects"};
  return table;
}

const MirrorTable& attempts_table() {
  static constexpr MirrorTable table{.name = OperationRunAttempt::kName.data(),
                                     .columns = kAttemptColumns,
                                     .key = kAttemptKey,
                                     .batch = "pg_temp.operation_run_attempts_batch",
                                     .fold = "pg_temp.operation_run_attempts_fold",
                                     .suspects = "pg_temp.operation_run_attempts_suspects"};
  return table;
}

void write_tuple(CopyTuple& tuple, const OperationRun::Row& row, JsonForm form) {
  FieldWriter optional(tuple);
  JsonFieldWriter json(tuple, form);
  tuple.begin(kRunColumns.size());
  tuple.bytes(row.id.value.view());
  tuple.bytes(row.scope.workspace.str());
  optional.text(row.scope.tenant);
  tuple.bytes(row.type.str());
  tuple.bytes(to_string(row.status));
  tuple.bytes(to_string(row.outcome));
  tuple.bytes(format_identity(row.identity));
  tuple.int32(row.attempt.value);
  tuple.int32(row.max_attempts);
  tuple.int32(row.deduped_count);
  optional.text(row.initiator);
  optional.text(row.reason_code);
  json.write(counts_to_json(row.summary_counts));
  json.write(failures_to_json(row.failures));
  json.write(row.context.canonical());
  tuple.time(row.requested_at.unix_us);
  optional.time(row.started_at);
  optional.time(row.completed_at);
  tuple.time(row.created_at.unix_us);
  tuple.time(row.updated_at.unix_us);
  tuple.int32(row.run_version.value);
  tuple.int64(row.last_sequence.value);
  json.write(labels_to_json(row.labels));
  optional.id(row.parent);
  optional.id(row.root);
  optional.id(row.rerun_of);
  tuple.bytes(format_caller(row.caller));
  tuple.boolean(row.imported_open);
  tuple.int32(row.skipped_count);
}

void write_tuple(CopyTuple& tuple, const OperationRunAttempt::Row& row, JsonForm form) {
  FieldWriter optional(tuple);
  JsonFieldWriter json(tuple, form);
  tuple.begin(kAttemptColumns.size());
  tuple.bytes(row.run.value.view());
  tuple.int32(row.attempt.value);
  tuple.bytes(row.worker.str());
  tuple.time(row.started_at.unix_us);
  optional.time(row.ended_at);
  optional.word(row.outcome);
  optional.text(row.reason_code);
  json.write(counts_to_json(row.summary_counts));
  json.write(failures_to_json(row.failures));
  tuple.boolean(row.lost);
  tuple.boolean(row.late);
  tuple.int64(row.last_sequence.value);
}

std::string select_rows_in_order(const MirrorTable& table) {
  return "copy (select " + column_list(table) + " from " + table.name + " order by " +
         joined(table.key, ", ", [](const std::string& column) { return column; }) + ") to stdout (format binary)";
}

MirrorRowStream::MirrorRowStream(pqxx::transaction_base& transaction, const MirrorTable& table, const char* into)
    : copy_(transaction, std::string("copy ") + into + " (" + column_list(table) + ") from stdin (format binary)") {}

void lock_rows(pqxx::transaction_base& transaction) {
  transaction.exec0(std::string("lock table ") + runs_table().name + ", " + attempts_table().name +
                    " in share row exclusive mode");
}

void make_staging_table(pqxx::transaction_base& transaction, const MirrorTable& table, const char* staging,
                        OnCommit on_commit) {
  const char* fate = "";
  switch (on_commit) {
    case OnCommit::kKeepRows:
      break;
    case OnCommit::kDeleteRows:
      fate = " on commit delete rows";
      break;
    case OnCommit::kDrop:
      fate = " on commit drop";
      break;
  }
  transaction.exec0(std::string("create temporary table ") + staging + fate + " as select " + column_list(table) +
                    " from " + table.name + " with no data");
}

std::uint64_t update_runs_from_batch(pqxx::transaction_base& transaction) {
  static const std::string leave_active = update_where(runs_table(), " and b.status = 'completed'");
  static const std::string enter_active = update_where(runs_table(), " and b.status <> 'completed'");
  prefer_lookups(transaction);
  // The order matters, because an identity may pass from one run to another within a batch, and the table allows only
  // one active run of it.
  const std::uint64_t left = transaction.exec0(leave_active).affected_rows();
  return left + transaction.exec0(enter_active).affected_rows();
}

std::uint64_t update_attempts_from_batch(pqxx::transaction_base& transaction) {
  static const std::string update = update_where(attempts_table(), "");
  prefer_lookups(transaction);
  return transaction.exec0(update).affected_rows();
}

void upsert_batch(pqxx::transaction_base& transaction) {
  static const std::string leave_active = upsert_where(runs_table(), " where status = 'completed'");
  static const std::string enter_active = upsert_where(runs_table(), " where status <> 'completed'");
  static const std::string attempts = upsert_where(attempts_table(), " where true");
  transaction.exec0(leave_active);
  transaction.exec0(enter_active);
  transaction.exec0(attempts);
}

std::uint64_t replace_rows(pqxx::transaction_base& transaction, const MirrorTable& table) {
  const std::string run(table.run_column());
  const std::uint64_t replaced = transaction
                                     .exec0(std::string("delete from ") + table.name + " where " + run +
                                            " in (select " + run + " from " + table.fold + ")")
                                     .affected_rows();
  return transaction.exec0(insert_from(table, table.fold)).affected_rows() - replaced;
}

std::string select_differences(const MirrorTable& table) {
  const std::string columns = column_list(table);
  const std::string run(table.run_column());
  const std::string attempt = table.key.size() == 1 ? "0" : "coalesce(f.attempt, r.attempt)";
  // The operator *= compares the stored bytes of two rows. A missing row is null on its side of the join.
  return "select coalesce(f." + run + ", r." + run + ") as id, " + attempt + " as attempt, case when r." + run +
         " is null then 'missing' when f." + run +
         " is null then 'extra' else 'differs' end as difference,"
         " concat_ws(', ', " +
         joined(table.columns, ", ",
                [](const std::string& column) {
                  return "case when f." + column + "::text is distinct from r." + column + "::text then '" + column +
                         "' end";
                }) +
         ") as column_names, coalesce(f.last_sequence, r.last_sequence) as last_sequence from (select " + columns +
         " from " + table.fold + ") f full join (select " + columns + " from " + table.name + " where " + run +
         " in (select id from " + table.suspects + ")) r on " + same_key(table, "f", "r") + " where f." + run +
         " is null or r." + run + " is null or not (f *= r)";
}

void write_differences(pqxx::transaction_base& transaction, const MirrorTable& table, const std::string& drift) {
  const std::string attempt = table.key.size() == 1 ? "0" : "s." + std::string(table.key.back());
  const auto among = [&](const char* differences) {
    return " where exists (select from " + drift + " d where d.id = s." + std::string(table.run_column()) +
           " and d.attempt = " + attempt + " and d.difference in (" + differences + "))";
  };
  // Deletes and inserts instead of updating: two rows that had swapped their identities could not be repaired one by
  // one.
  transaction.exec0(std::string("delete from ") + table.name + " s" + among("'extra', 'differs'"));
  transaction.exec0(insert_from(table, table.fold) + among("'missing', 'differs'"));
}

}  // namespace runledger
