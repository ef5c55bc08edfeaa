// What the next transaction of the mirror writes: the rows that a stretch of the log changes.
#pragma once

#include <cstddef>
#include <vector>

#include "ledger/log/event_log.h"
#include "projections/folds/operation_run.h"
#include "projections/postgres/row_cache.h"

namespace runledger {

struct MirrorBatch {
  Sequence from;                        // Folds the events after this one,
  Sequence to;                          // up to and including this one.
  std::vector<OperationRun::Row> rows;  // As they stand at `to`; each run once.
};

// A batch ends with the event that reaches one of them, so it has at least one event.
struct MirrorBatchLimits {
  std::size_t events = 20'000;
  std::size_t bytes = 64U << 20U;  // Of its rows in memory, whatever the size of their inputs.
};

// Folds the events after `from`. Rows as they stood at `from` come out of `cache`, else from the log; none comes from
// Postgres, so that a row edited there cannot spread. Throws as EventLog does.
[[nodiscard]] MirrorBatch fold_batch(const EventLog& log, Sequence from, const MirrorBatchLimits& limits,
                                     RowCache& cache);

}  // namespace runledger
