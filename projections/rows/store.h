// The local rows: one OperationRun a run, the indexes that lists need, and statistics, following the log.
//
// They live in the ledger's RocksDB beside the log, but are not part of the truth: they can be deleted and rebuilt.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"
#include "projections/rows/change.h"
#include "projections/rows/rebuild_report.h"
#include "projections/rows/run_list.h"

namespace runledger {

// Rows, indexes, statistics and checkpoint move together in one atomic write; after a crash they stand at an earlier
// checkpoint and catch up. One thread may catch up or rebuild; any number may read beside it.
// Throws Failure as EventLog does, and "rows.damaged" where stored rows are not what was written: rebuild() mends that.
class RowStore {
 public:
  static constexpr std::size_t kEventsPerBatchMax = 2048;
  static constexpr std::size_t kPageMax = 1000;
  static constexpr std::size_t kRowsSkippedMax = 50'000;

  // `log` is not owned and must outlive it. Rows of another kRevision are dropped and follow from zero. Throws
  // "storage.damaged" when the rows are ahead of the log.
  explicit RowStore(EventLog& log);
  ~RowStore();

  // Folds what the log has past the checkpoint, up to log.last() at the call.
  void catch_up(const Progress& progress = {}, const RowWatch& watch = {});
  [[nodiscard]] Sequence checkpoint() const;

  [[nodiscard]] std::optional<OperationRun::Row> find(RunId run) const;
  // 1 to kPageMax rows a page. `cursor` is empty or a next_cursor of the same filter; code "cursor.invalid" otherwise.
  [[nodiscard]] Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) const;
  // Of all groups that match workspace, tenant and type; the other filters must be unset.
  [[nodiscard]] LedgerTotals totals(const RunFilter& filter) const;
  // A run of this type and scope that waits for an attempt.
  struct Queued {
    RunId run;
    Time due;  // From then on it may be claimed.
  };
  // The one that is due first, at or after `from`, of those that are not `taken`; absent: none is queued.
  [[nodiscard]] std::optional<Queued> first_queued(const RunType& type, const Scope& scope, Time from,
                                                   const std::function<bool(RunId)>& taken) const;
  // Each type and scope with queued runs, and from when on the first of them is due.
  void visit_queues(const std::function<void(const RunType&, const Scope&, Time first_due)>& visit) const;

  // Folds the log from zero beside the live rows, compares, and applies only the difference.
  // With `dry_run` nothing is written but what catching up writes, which comes first.
  RebuildReport rebuild(bool dry_run, const Progress& progress = {});

  // How rows, indexes and statistics differ from the fold of the log up to the checkpoint. One call per difference.
  void verify(const std::function<void(std::string code, std::optional<RunId> run, std::string detail)>& finding,
              const Progress& progress = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
