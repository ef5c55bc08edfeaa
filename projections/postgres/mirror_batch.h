// The runs that the next transaction of the mirror writes: those that a stretch of the log changes.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "ledger/base/bounded_cache.h"
#include "ledger/log/event_log.h"
#include "projections/folds/operation_run_attempt.h"

namespace runledger {

// The approximate size of a run in memory, in bytes.
struct RunBytes {
  std::size_t operator()(const RunWithAttempts& run) const;
};

// Runs as of the checkpoint of the mirror. The cache is bounded by bytes, since the input of one run may be a thousand
// times as large as that of another. Runs are taken out to be changed, and put back once the change is committed. So
// when a connection is lost during a commit, the runs that remain are right at the old checkpoint and at the new one,
// but not at an earlier one.
using RunCache = BoundedCache<RunId, RunWithAttempts, RunBytes>;

struct MirrorBatch {
  Sequence from;                      // The position before the first event of the batch.
  Sequence to;                        // The position of its last event.
  MerkleFrontier tree;                // The tree over the events up to `to`.
  std::vector<RunWithAttempts> runs;  // The runs as of `to`, each once. Of its attempts, some may be unchanged.
  std::optional<Scope> erased;        // The event at `to` erased the content of this tenant's events before it.
};

// A batch ends with the event that reaches one of the limits, so it has at least one event; and with one that erases.
struct MirrorBatchLimits {
  std::size_t events = 20'000;
  std::size_t bytes = 64U << 20U;  // The size of its runs in memory.
};

// Folds the events after those of `before`. Runs as of `before` come from `cache`, or else from the log, but never from
// Postgres, so that a row that was edited there cannot spread. Throws as EventLog does.
[[nodiscard]] MirrorBatch fold_batch(const EventLog& log, const MerkleFrontier& before, const MirrorBatchLimits& limits,
                                     RunCache& cache);

}  // namespace runledger
