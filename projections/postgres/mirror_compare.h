// Compares the rows of the mirror with the fold of the log, in one ordered pass over both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <pqxx/transaction_base>

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"

namespace runledger {

// Creates the tables that stage_suspects() fills. In a transaction that may write.
void make_compare_tables(pqxx::transaction_base& transaction, bool drop_on_commit);

struct ComparedRows {
  std::uint64_t folded = 0;    // Runs in the fold.
  std::uint64_t mirrored = 0;  // Rows in the mirror.
};

// Compares operation_runs with the fold of events 1..to, and stages the runs that may differ: their ids in
// kSuspectTable and the rows that the fold has of them in kFoldTable. After that select_differences() says which do.
// Most rows need nothing of this, because they are what the program expects to the byte. Memory is bounded by that of
// fold_all(), `kept_bytes_max`, and 16 bytes for each suspect: the folded rows of suspects are kept up to so many
// bytes, and if there are more, the log is folded a second time. After a failure the transaction must be abandoned.
ComparedRows stage_suspects(pqxx::transaction_base& transaction, const EventLog& log, Sequence to,
                            const Progress& progress, std::size_t kept_bytes_max = 64U << 20U);

}  // namespace runledger
