// The rows that the next transaction of the mirror writes: those that a stretch of the log changes.
#pragma once

#include <cstddef>
#include <vector>

#include "ledger/base/bounded_cache.h"
#include "ledger/log/event_log.h"
#include "projections/folds/operation_run.h"

namespace runledger {

// The approximate size of a row in memory, in bytes.
struct RowBytes {
  std::size_t operator()(const OperationRun::Row& row) const;
};

// Rows as of the checkpoint of the mirror. The cache is bounded by bytes, since the input of one run may be a thousand
// times as large as that of another. Rows are taken out to be changed, and put back once the change is committed. So
// when a connection is lost during a commit, the rows that remain are right at the old checkpoint and at the new one,
// but not at an earlier one.
using RowCache = BoundedCache<RunId, OperationRun::Row, RowBytes>;

struct MirrorBatch {
  Sequence from;                        // The position before the first event of the batch.
  Sequence to;                          // The position of its last event.
  MerkleFrontier tree;                  // The tree over the events up to `to`.
  std::vector<OperationRun::Row> rows;  // The rows as of `to`; each run once.
};

// A batch ends with the event that reaches one of the limits, so it has at least one event.
struct MirrorBatchLimits {
  std::size_t events = 20'000;
  std::size_t bytes = 64U << 20U;  // The size of its rows in memory.
};

// Folds the events after those of `before`. Rows as of `before` come from `cache`, or else from the log, but never from
// Postgres, so that a row that was edited there cannot spread. Throws as EventLog does.
[[nodiscard]] MirrorBatch fold_batch(const EventLog& log, const MerkleFrontier& before, const MirrorBatchLimits& limits,
                                     RowCache& cache);

}  // namespace runledger
