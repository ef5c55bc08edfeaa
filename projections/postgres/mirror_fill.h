// Fills a mirror that has no rows yet.
#pragma once

#include <cstdint>
#include <pqxx/transaction_base>

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/folds/fold_once.h"
#include "projections/postgres/mirror_batch.h"

namespace runledger {

// Returns true when operation_runs has no rows.
[[nodiscard]] bool is_empty(pqxx::transaction_base& transaction);

// Returns true when neither operation_runs nor operation_run_attempts has rows and both belong to the role of this
// session, as fill_empty() requires.
[[nodiscard]] bool can_fill(pqxx::transaction_base& transaction);

struct FilledRows {
  std::uint64_t runs = 0;
  std::uint64_t attempts = 0;
};

// Copies the fold of events 1..to into both, if can_fill(), and returns the numbers of their rows. Leaves runs as of
// `to` in `cache`, which must be empty: those that are open. Readers wait until the transaction ends. `progress` may
// throw to give up; after any failure the transaction must be abandoned and the cache cleared.
FilledRows fill_empty(pqxx::transaction_base& transaction, const EventLog& log, Sequence to, RunCache& cache,
                      const Progress& progress, const FoldOnceLimits& limits = {});

// Makes operation_run_attempts the fold of events 1..to, whatever rows it has. For a mirror that an earlier version
// wrote without it. Readers of that table wait until the transaction ends, if the table belongs to the role of this
// session. Requires lock_rows().
void fill_attempts(pqxx::transaction_base& transaction, const EventLog& log, Sequence to, const Progress& progress);

}  // namespace runledger
