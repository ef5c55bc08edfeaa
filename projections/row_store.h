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

#include "ledger/event_log.h"
#include "projections/operation_run.h"
#include "projections/row_change.h"
#include "projections/statistics.h"

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
  // last page: looking for rows that match stops after kRowsPassedOverMax that do not.
  std::vector<OperationRun::Row> rows;
  // Opaque, and tells nothing of what was passed over. Absent on the last page.
  std::optional<std::string> next_cursor;
};

struct LedgerTotals {
  Statistics statistics;
  Sequence head;  // The last event that they count.
};

// What a rebuild found and did. drifted = inserted + updated + deleted.
struct RebuildReport {
  std::uint64_t scanned = 0;  // Rows compared: those of the fold.
  std::uint64_t drifted = 0;
  std::uint64_t inserted = 0;  // Were missing.
  std::uint64_t updated = 0;   // Were other than the fold. Locally also: whose index entries or totals were.
  std::uint64_t deleted = 0;   // Should not have been there.
};

// Called now and then during long work with how much is done.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Rows, indexes, statistics and checkpoint move together in one atomic write; after a crash they stand at an earlier
// checkpoint and catch up. One thread may catch up or rebuild; any number may read beside it.
// Throws Failure as EventLog does, and "rows.damaged" where stored rows are not what was written: rebuild() mends that.
class RowStore {
 public:
  static constexpr std::size_t kEventsPerBatchMax = 2048;
  static constexpr std::size_t kPageMax = 1000;
  static constexpr std::size_t kRowsPassedOverMax = 50'000;

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
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace runledger
