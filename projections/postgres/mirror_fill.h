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

// Returns true when it has no rows and belongs to the role of this session, as fill_empty() requires.
[[nodiscard]] bool can_fill(pqxx::transaction_base& transaction);

// Copies the fold of events 1..to into operation_runs, if can_fill(), and returns the number of rows. Leaves rows
// as of `to` in `cache`, which must be empty: those of runs that are open. Readers wait until the transaction ends.
// `progress` may throw to give up; after any failure the transaction must be abandoned and the cache cleared.
std::uint64_t fill_empty(pqxx::transaction_base& transaction, const EventLog& log, Sequence to, RowCache& cache,
                         const Progress& progress, const FoldOnceLimits& limits = {});

}  // namespace runledger
