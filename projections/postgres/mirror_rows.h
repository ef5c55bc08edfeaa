// Rows of operation_runs on their way into Postgres: as text for COPY, and the statements that write and compare them.
#pragma once

#include <array>
#include <cstddef>
#include <pqxx/stream_to>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>

#include "projections/folds/operation_run.h"

namespace runledger {

inline constexpr std::size_t kMirrorColumnCount = 22;

// In the order of the table.
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
                                                                                    "last_sequence"};

// Copies rows into a table that has the columns of operation_runs. Nothing else may happen in the
// transaction between construction and finish(). Not finished: the transaction must be given up.
class MirrorRowStream {
 public:
  MirrorRowStream(pqxx::transaction_base& transaction, const std::string& table);

  void add(const OperationRun::Row& row);
  void finish() { stream_.complete(); }

 private:
  pqxx::stream_to stream_;
  std::array<std::string, kMirrorColumnCount> texts_;  // Kept between rows for their memory.
};

// The tables that a session stages rows in, both private to it: the rows of a batch, and those of the whole fold.
inline constexpr const char* kBatchTable = "pg_temp.operation_runs_batch";
inline constexpr const char* kFoldTable = "pg_temp.operation_runs_fold";

// When a staging table loses its rows, or itself.
enum class OnCommit { kKeepRows, kDeleteRows, kDrop };

// Makes it with our columns of operation_runs, whatever others that table may have by now.
void make_staging_table(pqxx::transaction_base& transaction, const char* table, OnCommit on_commit);

// Writes the rows of kBatchTable into operation_runs, whatever is there now.
void write_batch(pqxx::transaction_base& transaction);

// Where operation_runs and kFoldTable differ: a select of id uuid, difference text ("missing", "extra", "differs"),
// column_names text, last_sequence bigint. Two rows are the same when the stored bytes of these columns are: 1.0 is
// not 1.
[[nodiscard]] std::string select_differences();

// Makes operation_runs equal to kFoldTable where `drift`, a table of what select_differences() gave, says so.
void write_differences(pqxx::transaction_base& transaction, const std::string& drift);

}  // namespace runledger
