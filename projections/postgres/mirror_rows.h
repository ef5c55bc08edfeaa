// Writes rows of the mirror's tables into Postgres: as tuples for COPY, and with the statements that write and compare
// them.
#pragma once

#include <cstddef>
#include <pqxx/transaction_base>
#include <span>
#include <string>
#include <string_view>

#include "projections/folds/operation_run_attempt.h"
#include "projections/postgres/copy.h"

namespace runledger {

// A table whose rows are folded from the log, and the tables in which a session stages rows of it. These are private to
// the session: the rows of a batch, those of a fold, and the ids of runs whose rows may differ from their fold.
struct MirrorTable {
  const char* name;
  std::span<const std::string_view> columns;  // In the order of the table.
  std::span<const std::string_view> key;      // The columns of its primary key, the id of the run first.
  const char* batch;
  const char* fold;
  const char* suspects;

  [[nodiscard]] std::string_view run_column() const { return key.front(); }
};
[[nodiscard]] const MirrorTable& runs_table();
[[nodiscard]] const MirrorTable& attempts_table();

// How a tuple has JSON: in canonical form, which Postgres accepts, or as Postgres is expected to give it back.
enum class JsonForm { kCanonical, kStored };

// Write a row as a tuple with the columns of runs_table() or attempts_table().
void write_tuple(CopyTuple& tuple, const OperationRun::Row& row, JsonForm form);
void write_tuple(CopyTuple& tuple, const OperationRunAttempt::Row& row, JsonForm form);

// A statement for CopyOut: all rows in the order of their keys.
[[nodiscard]] std::string select_rows_in_order(const MirrorTable& table);

// Copies rows into a table that has the columns of a table of the mirror. Nothing else may happen in the transaction
// between construction and finish(). Without finish() the transaction must be abandoned.
class MirrorRowStream {
 public:
  MirrorRowStream(pqxx::transaction_base& transaction, const MirrorTable& table, const char* into);

  // Adds a row, which must be of the table.
  template <class Row>
  void add(const Row& row) {
    write_tuple(tuple_, row, JsonForm::kCanonical);
    copy_.add(tuple_.view());
  }
  void add_tuples(std::string_view tuples) { copy_.add(tuples); }  // Any number of them, each made by write_tuple().
  void finish() { copy_.finish(); }

 private:
  CopyIn copy_;
  CopyTuple tuple_;
};

// Keeps others from writing rows until the transaction ends; they may read.
void lock_rows(pqxx::transaction_base& transaction);

// What happens to a staging table when the transaction commits.
enum class OnCommit { kKeepRows, kDeleteRows, kDrop };

// Creates a staging table, MirrorTable::batch or fold, with the columns that the mirror knows, whatever columns others
// have added.
void make_staging_table(pqxx::transaction_base& transaction, const MirrorTable& table, const char* staging,
                        OnCommit on_commit);

// Write the rows of runs_table().batch, or of attempts_table().batch, in place of rows that are there, and return the
// number of those.
std::uint64_t update_runs_from_batch(pqxx::transaction_base& transaction);
std::uint64_t update_attempts_from_batch(pqxx::transaction_base& transaction);
// Writes the rows of both, whether a row is there or not, at a higher price.
void upsert_batch(pqxx::transaction_base& transaction);

// Writes the rows of table.fold, in place of all rows of the same runs. Returns how many rows the table has more.
std::uint64_t replace_rows(pqxx::transaction_base& transaction, const MirrorTable& table);

// Returns a select of the differences between a table and its fold, as far as the runs among its suspects go, with the
// columns id uuid (of the run), attempt int (0 for a run), difference text ("missing", "extra", "differs"),
// column_names text and last_sequence bigint. Two rows are equal when the stored bytes of the mirrored columns are: 1.0
// is not 1.
[[nodiscard]] std::string select_differences(const MirrorTable& table);

// Makes a table equal to its fold for the keys in `drift`, a table with the rows of select_differences().
void write_differences(pqxx::transaction_base& transaction, const MirrorTable& table, const std::string& drift);

}  // namespace runledger
