// Writes the fields of a row, and the statements over all columns.
#include "projections/postgres/mirror_rows.h"

#include <vector>

#include "ledger/exchange/report_json.h"
#include "ledger/exchange/request_json.h"
#include "projections/postgres/jsonb_text.h"

namespace runledger {
namespace {

const std::vector<std::string>& column_names() {
  static const std::vector<std::string> names(kMirrorColumns.begin(), kMirrorColumns.end());
  return names;
}

// "a, b, c", each made by `form` from a column's name.
template <class Form>
std::string each_column(Form form) {
  std::string list;
  for (const std::string& column : column_names()) {
    if (!list.empty()) list += ", ";
    list += form(column);
  }
  return list;
}

std::string column_list(const std::string& prefix = "") {
  return each_column([&](const std::string& column) { return prefix + column; });
}

// Writes fields that may be absent.
class FieldWriter {
 public:
  explicit FieldWriter(CopyTuple& tuple) : tuple_(tuple) {}

  void time(const std::optional<Time>& value) { value ? tuple_.time(value->unix_us) : tuple_.null(); }
  void id(const std::optional<RunId>& value) { value ? tuple_.bytes(value->value.view()) : tuple_.null(); }

  template <class Text>
  void text(const std::optional<Text>& value) {
    value ? tuple_.bytes(value->str()) : tuple_.null();
  }

 private:
  CopyTuple& tuple_;
};

}  // namespace

void write_tuple(CopyTuple& tuple, const OperationRun::Row& row, JsonForm form) {
  FieldWriter optional(tuple);
  auto json = [&tuple, form, stored = std::string()](std::string_view canonical) mutable {
    if (form == JsonForm::kCanonical) return tuple.jsonb(canonical);
    stored.clear();
    append_jsonb_text(stored, canonical);
    tuple.jsonb(stored);
  };
  tuple.begin(kMirrorColumnCount);
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
  json(counts_to_json(row.summary_counts));
  json(failures_to_json(row.failures));
  json(row.context.canonical());
  tuple.time(row.requested_at.unix_us);
  optional.time(row.started_at);
  optional.time(row.completed_at);
  tuple.time(row.created_at.unix_us);
  tuple.time(row.updated_at.unix_us);
  tuple.int32(row.run_version.value);
  tuple.int64(row.last_sequence.value);
  json(labels_to_json(row.labels));
  optional.id(row.parent);
  optional.id(row.root);
  optional.id(row.rerun_of);
  tuple.bytes(format_caller(row.caller));
  tuple.boolean(row.imported_open);
  tuple.int32(row.skipped_count);
}

std::string select_rows_in_order() {
  return "copy (select " + column_list() + " from operation_runs order by id) to stdout (format binary)";
}

MirrorRowStream::MirrorRowStream(pqxx::transaction_base& transaction, const std::string& table)
    : copy_(transaction, "copy " + table + " (" + column_list() + ") from stdin (format binary)") {}

void MirrorRowStream::add(const OperationRun::Row& row) {
  write_tuple(tuple_, row, JsonForm::kCanonical);
  copy_.add(tuple_.view());
}

void lock_rows(pqxx::transaction_base& transaction) {
  transaction.exec0("lock table operation_runs in share row exclusive mode");
}

void make_staging_table(pqxx::transaction_base& transaction, const char* table, OnCommit on_commit) {
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
  transaction.exec0(std::string("create temporary table ") + table + fate + " as select " + column_list() +
                    " from operation_runs with no data");
}

std::uint64_t update_from_batch(pqxx::transaction_base& transaction) {
  static const auto update_where = [](const char* condition) {
    return "update operation_runs r set " +
           each_column([](const std::string& column) { return column + " = b." + column; }) + " from " + kBatchTable +
           " b where b.id = r.id and b.status " + condition;
  };
  static const std::string leave_active = update_where("= 'completed'");
  static const std::string enter_active = update_where("<> 'completed'");
  // Rows are few compared with the table, whatever the planner thinks of a temporary table without statistics.
  transaction.exec("select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)");
  // The order matters, because an identity may pass from one run to another within a batch, and the table allows only
  // one active run of it.
  const std::uint64_t left = transaction.exec0(leave_active).affected_rows();
  return left + transaction.exec0(enter_active).affected_rows();
}

void upsert_batch(pqxx::transaction_base& transaction) {
  static const auto upsert_where = [](const char* condition) {
    return "insert into operation_runs (" + column_list() + ") select " + column_list() + " from " + kBatchTable +
           " where status " + condition + " on conflict (id) do update set " +
           each_column([](const std::string& column) { return column + " = excluded." + column; });
  };
  static const std::string leave_active = upsert_where("= 'completed'");
  static const std::string enter_active = upsert_where("<> 'completed'");
  transaction.exec0(leave_active);
  transaction.exec0(enter_active);
}

void replace_rows(pqxx::transaction_base& transaction) {
  transaction.exec0(std::string("delete from operation_runs where id in (select id from ") + kFoldTable + ")");
  transaction.exec0("insert into operation_runs (" + column_list() + ") select " + column_list() + " from " +
                    kFoldTable);
}

std::string select_differences() {
  const std::string columns = column_list();
  // The operator *= compares the stored bytes of two rows. A missing row is null on its side of the join.
  return "select coalesce(f.id, r.id) as id,"
         " case when r.id is null then 'missing' when f.id is null then 'extra' else 'differs' end as difference,"
         " concat_ws(', ', " +
         each_column([](const std::string& column) {
           return "case when f." + column + "::text is distinct from r." + column + "::text then '" + column + "' end";
         }) +
         ") as column_names, coalesce(f.last_sequence, r.last_sequence) as last_sequence from (select " + columns +
         " from " + kFoldTable + ") f full join (select " + columns +
         " from operation_runs where id in (select id from " + kSuspectTable +
         ")) r on f.id = r.id where f.id is null or r.id is null or not (f *= r)";
}

void write_differences(pqxx::transaction_base& transaction, const std::string& drift) {
  // Deletes and inserts instead of updating: two rows that had swapped their identities could not be repaired one by
  // one.
  transaction.exec0("delete from operation_runs where id in (select id from " + drift +
                    " where difference in ('extra', 'differs'))");
  transaction.exec0("insert into operation_runs (" + column_list() + ") select " + column_list() + " from " +
                    kFoldTable + " where id in (select id from " + drift +
                    " where difference in ('missing', 'differs'))");
}

}  // namespace runledger
