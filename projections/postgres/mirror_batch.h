// What the next transaction of the mirror writes: the rows that a stretch of the log changes.
#pragma once

#include <cstddef>
#include <vector>

#include "ledger/base/bounded_cache.h"
#include "ledger/log/event_log.h"
#include "projections/folds/operation_run.h"

namespace runledger {

// About what a row takes in memory.
struct RowBytes {
  std::size_t operator()(const OperationRun::Row& row) const;
};

// Rows as they stand at the mirror's checkpoint. Bounded by bytes, since the input of one run may be a thousand times
// that of another. Rows are taken out to be changed and put back once the change is committed, so that what a lost
// connection leaves here is true at the old checkpoint and at the new one; at an earlier one it is not.
using RowCache = BoundedCache<RunId, OperationRun::Row, RowBytes>;

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
