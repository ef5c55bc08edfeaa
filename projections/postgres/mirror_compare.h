// Compares the rows of the mirror with the fold of the log, in one ordered pass over both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <pqxx/transaction>

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/postgres/connection.h"
#include "projections/postgres/mirror_options.h"

namespace runledger {

// Creates the tables that stage_suspects() fills. In a transaction that may write.
void make_compare_tables(pqxx::transaction_base& transaction, bool drop_on_commit);

// A second session that sees the snapshot of a transaction, to read another table at the same time. For one thread.
class SessionBeside {
 public:
  // Connects, and takes over the snapshot that `transaction` has now and must keep. Requires that `options` name the
  // schema. Throws Failure as PostgresConnection does.
  SessionBeside(const MirrorOptions& options, pqxx::transaction_base& transaction);
  ~SessionBeside() { transaction_.reset(); }  // The transaction must end before its connection.
  SessionBeside(const SessionBeside&) = delete;
  SessionBeside& operator=(const SessionBeside&) = delete;

  [[nodiscard]] pqxx::transaction_base& transaction() { return *transaction_; }

 private:
  PostgresConnection connection_;
  std::optional<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>> transaction_;
};

struct ComparedRows {
  std::uint64_t folded = 0;    // Runs in the fold.
  std::uint64_t mirrored = 0;  // Rows in operation_runs.
  std::uint64_t folded_attempts = 0;
  std::uint64_t mirrored_attempts = 0;
};

// Compares operation_runs and operation_run_attempts with the fold of events 1..to, and stages the runs that may differ
// in either: their ids in MirrorTable::suspects and the rows that the fold has of them in MirrorTable::fold. After that
// select_differences() says which do. Most rows need nothing of this, because they are what the program expects to the
// byte. Memory is bounded by that of the fold of kRowsInMemoryMax runs, twice `kept_bytes_max`, and 16 bytes for each
// suspect: the folded rows of suspects are kept up to so many bytes, and if there are more, the log is folded again.
// After a failure the transaction must be abandoned.
ComparedRows stage_suspects(pqxx::transaction_base& transaction, SessionBeside& beside, const EventLog& log,
                            Sequence to, const Progress& progress, std::size_t kept_bytes_max = 64U << 20U);

}  // namespace runledger
