// Writes the text form of each column, and the statements over all columns.
#include "projections/postgres/mirror_rows.h"

#include <vector>

#include "ledger/exchange/report_json.h"
#include "ledger/exchange/request_json.h"

namespace runledger {
namespace {

using Fields = std::array<const char*, kMirrorColumnCount>;

// Fills in the fields of one row from left to right. A null value is a null pointer.
class FieldWriter {
 public:
  FieldWriter(std::array<std::string, kMirrorColumnCount>& texts, Fields& fields) : texts_(texts), fields_(fields) {}

  void text(std::string_view value) {
    texts_[next_] = value;
    fields_[next_] = texts_[next_].c_str();
    ++next_;
  }
  void null() { fields_[next_++] = nullptr; }
  void number(std::uint64_t value) { text(std::to_string(value)); }
  void time(Time value) { text(format_time(value)); }
  void time(const std::optional<Time>& value) { value ? time(*value) : null(); }

  void id(const std::optional<RunId>& value) { value ? text(format_uuid(value->value)) : null(); }

  template <class Text>
  void text_or_null(const std::optional<Text>& value) {
    value ? text(value->str()) : null();
  }

 private:
  std::array<std::string, kMirrorColumnCount>& texts_;
  Fields& fields_;
  std::size_t next_ = 0;
};

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

}  // namespace

MirrorRowStream::MirrorRowStream(pqxx::transaction_base& transaction, const std::string& table)
    : stream_(transaction, table, column_names()) {}

void MirrorRowStream::add(const OperationRun::Row& row) {
  Fields fields{};
  FieldWriter write(texts_, fields);
  write.text(format_uuid(row.id.value));
  write.text(row.scope.workspace.str());
  write.text_or_null(row.scope.tenant);
  write.text(row.type.str());
  write.text(to_string(row.status));
  write.text(to_string(row.outcome));
  write.text(format_identity(row.identity));
  write.number(row.attempt.value);
  write.number(row.max_attempts);
  write.number(row.deduped_count);
  write.text_or_null(row.initiator);
  write.text_or_null(row.reason_code);
  write.text(counts_to_json(row.summary_counts));
  write.text(failures_to_json(row.failures));
  write.text(row.context.canonical());
  write.time(row.requested_at);
  write.time(row.started_at);
  write.time(row.completed_at);
  write.time(row.created_at);
  write.time(row.updated_at);
  write.number(row.run_version.value);
  write.number(row.last_sequence.value);
  write.text(labels_to_json(row.labels));
  write.id(row.parent);
  write.id(row.root);
  write.id(row.rerun_of);
  write.text(format_caller(row.caller));
  write.text(row.imported_open ? "t" : "f");
  write.number(row.skipped_count);
  stream_ << fields;
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

void write_batch(pqxx::transaction_base& transaction) {
  static const auto upsert_where = [](const char* condition) {
    return "insert into operation_runs (" + column_list() + ") select " + column_list() + " from " + kBatchTable +
           " where " + condition + " on conflict (id) do update set " +
           each_column([](const std::string& column) { return column + " = excluded." + column; });
  };
  static const std::string leave_active = upsert_where("status = 'completed'");
  static const std::string enter_active = upsert_where("status <> 'completed'");
  // The order matters, because an identity may pass from one run to another within a batch, and the table allows only
  // one active run of it.
  transaction.exec0(leave_active);
  transaction.exec0(enter_active);
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
         " from operation_runs) r on f.id = r.id where f.id is null or r.id is null or not (f *= r)";
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
