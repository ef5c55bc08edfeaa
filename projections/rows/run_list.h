// The filters, pages and totals of lists of runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/evidence/log_standing.h"
#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"

namespace runledger {

// The filters of a list. A run must match all that are set.
struct RunFilter {
  std::optional<Workspace> workspace = {};
  std::optional<Tenant> tenant = {};
  std::optional<RunType> type = {};
  std::optional<RunStatus> status = {};
  std::optional<RunOutcome> outcome = {};
  std::optional<Time> since = {};  // Matches a requested_at at or after this time.
  std::optional<Time> until = {};  // Matches a requested_at before this time.
};

struct RunPage {
  // Newest first, by the sequence of the request rather than by time. There can be fewer rows than asked for, even
  // none, before the last page: the search stops after a bounded amount of work.
  std::vector<OperationRun::Row> rows;
  // Opaque; it reveals nothing about the skipped rows. Absent on the last page.
  std::optional<std::string> next_cursor;
};

struct LedgerTotals {
  Statistics statistics = {};
  Sequence head;                        // The position of the last event that is counted.
  std::optional<LogStanding> log = {};  // Only for callers who may see the whole ledger; RowStore leaves it out.
};

// The runs of these rows that are being carried out, for which progress may be known.
[[nodiscard]] inline std::vector<RunId> running(const std::vector<OperationRun::Row>& rows) {
  std::vector<RunId> runs;
  for (const OperationRun::Row& row : rows) {
    if (row.status == RunStatus::kRunning) runs.push_back(row.id);
  }
  return runs;
}

}  // namespace runledger
