// What the next transaction of the mirror writes: the rows that a stretch of the log changes.
#pragma once

#include <cstddef>
#include <vector>

#include "ledger/event_log.h"
#include "projections/operation_run.h"
#include "projections/postgres/row_cache.h"

namespace runledger {

struct MirrorBatch {
  Sequence from;                        // Folds the events after this one,
  Sequence to;                          // up to and including this one.
  std::vector<OperationRun::Row> rows;  // As they stand at `to`; each run once.
};

// Bounds what a batch holds in memory, whatever the size of its events; a batch has at least one event.
inline constexpr std::size_t kMirrorBatchBytesMax = 16U << 20U;

// Folds at most `events_max` events after `from`. Rows as they stood at `from` come out of `cache`, else from the log;
// none comes from Postgres, so that a row edited there cannot spread. Throws as EventLog does.
[[nodiscard]] MirrorBatch fold_batch(const EventLog& log, Sequence from, std::size_t events_max, RowCache& cache);

}  // namespace runledger
