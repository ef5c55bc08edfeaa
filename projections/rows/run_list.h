// What lists and totals of runs are asked for, and what they show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"

namespace runledger {

// Which runs a list shows. Every filter that is set must hold.
struct RunFilter {
  std::optional<Workspace> workspace;
  std::optional<Tenant> tenant;
  std::optional<RunType> type;
  std::optional<RunStatus> status;
  std::optional<RunOutcome> outcome;
  std::optional<Time> since;  // requested_at at or after it.
  std::optional<Time> until;  // requested_at before it.
};

struct RunPage {
  // Newest first: by the sequence of their request, not by time. May be fewer than asked for, even none, before the
  // last page: looking for rows that match stops after kRowsSkippedMax that do not.
  std::vector<OperationRun::Row> rows;
  // Opaque, and tells nothing of what was passed over. Absent on the last page.
  std::optional<std::string> next_cursor;
};

struct LedgerTotals {
  Statistics statistics;
  Sequence head;  // The last event that they count.
};

}  // namespace runledger
