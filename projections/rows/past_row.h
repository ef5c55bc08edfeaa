// The row of a run as it was after an earlier event, folded from the log.
#pragma once

#include <cstdint>
#include <vector>

#include "projections/rows/table.h"

namespace runledger {

struct PastRow {
  OperationRun::Row row;
  std::vector<SanitizedText> workers;  // Those that had started an attempt by then, in the order of the attempts.
  std::uint64_t events_read = 0;
};

// The milestones of a run (projections/rows/index.h) after its event `after`, up to and including `to`, in order.
// Requires that `after` is not before kMilestonesAfter, and that the rows are folded up to the event `to`.
[[nodiscard]] std::vector<row_index::Milestone> read_milestones(const RowTable& table, RunId run, RunVersion after,
                                                                RunVersion to, const rocksdb::Snapshot* snapshot);

// Folds a run up to the position `to`. Requires that it existed there, that `now` is its row in the snapshot, and that
// the row is at a later event. Reads the first and the last 200 events by then and the milestones between them, and so
// many single events as a binary search does; of runs with fewer events, all of them. Throws Failure as EventLog does,
// and "rows.damaged".
[[nodiscard]] PastRow past_row(const RowTable& table, const OperationRun::Row& now, Sequence to,
                               const rocksdb::Snapshot* snapshot);

}  // namespace runledger
