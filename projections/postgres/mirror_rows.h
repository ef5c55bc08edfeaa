// Writes rows of operation_runs into Postgres: as tuples for COPY, and with the statements that write and compare them.
#pragma once

#include <array>
#include <cstddef>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>

#include "projections/folds/operation_run.h"
#include "projections/postgres/copy.h"

namespace runledger {

inline constexpr std::size_t kMirrorColumnCount = 29;

// The columns in the order of the table.
inline constexpr std::array<std::string_view, kMirrorColumnCount> kMirrorColumns = {"id",
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

// How a tuple has JSON: in canonical form, which Postgres accepts, or as Postgres is expected to give it back.
enum class JsonForm { kCanonical, kStored };

// Writes a row as a tuple with the fields of kMirrorColumns.
void write_tuple(CopyTuple& tuple, const OperationRun::Row& row, JsonForm form);

// A statement for CopyOut: all rows in the order of ids, with the fields of kMirrorColumns.
[[nodiscard]] std::string select_rows_in_order();

// Copies rows into a table that has the columns of operation_runs. Nothing else may happen in the transaction between
// construction and finish(). Without finish() the transaction must be abandoned.
class MirrorRowStream {
 public:
  MirrorRowStream(pqxx::transaction_base& transaction, const std::string& table);

  void add(const OperationRun::Row& row);
  void add_tuples(std::string_view tuples) { copy_.add(tuples); }  // Any number of them, each made by write_tuple().
  void finish() { copy_.finish(); }

 private:
  CopyIn copy_;
  CopyTuple tuple_;
};

// Keeps others from writing rows until the transaction ends; they may read.
void lock_rows(pqxx::transaction_base& transaction);

// The tables in which a session stages rows, all private to it: the rows of a batch, those of a fold, and the ids of
// runs whose rows may differ from their fold.
inline constexpr const char* kBatchTable = "pg_temp.operation_runs_batch";
inline constexpr const char* kFoldTable = "pg_temp.operation_runs_fold";
inline constexpr const char* kSuspectTable = "pg_temp.operation_runs_suspect";

// What happens to a staging table when the transaction commits.
enum class OnCommit { kKeepRows, kDeleteRows, kDrop };

// Creates a staging table with the columns of operation_runs that the mirror knows, whatever columns others have added.
void make_staging_table(pqxx::transaction_base& transaction, const char* table, OnCommit on_commit);

// Write the rows of kBatchTable into operation_runs: the first one in place of rows that are there, and returns their
// number; the second one whether a row is there or not, at a higher price.
std::uint64_t update_from_batch(pqxx::transaction_base& transaction);
void upsert_batch(pqxx::transaction_base& transaction);

// Writes the rows of kFoldTable into operation_runs, in place of the rows that are there.
void replace_rows(pqxx::transaction_base& transaction);

// Returns a select of the differences between operation_runs and kFoldTable, as far as the runs of kSuspectTable go,
// with the columns id uuid, difference text ("missing", "extra", "differs"), column_names text and last_sequence
// bigint. Two rows are equal when the stored bytes of the mirrored columns are: 1.0 is not 1.
[[nodiscard]] std::string select_differences();

// Makes operation_runs equal to kFoldTable for the ids in `drift`, a table with the rows of select_differences().
void write_differences(pqxx::transaction_base& transaction, const std::string& drift);

}  // namespace runledger
