// The local rows: one OperationRun per run, the indexes that lists need, and statistics. They follow the log.
//
// They live in a database of their own, beside that of the log, and are not part of the truth: they can be deleted, and
// follow anew.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/folds/operation_run.h"
#include "projections/rows/change.h"
#include "projections/rows/index.h"
#include "projections/rows/list_index.h"
#include "projections/rows/rebuild_report.h"
#include "projections/rows/rollup_index.h"
#include "projections/rows/run_list.h"

namespace runledger {

// Rows, indexes, statistics and checkpoint move together in one atomic write; after a crash they are at an earlier
// checkpoint and catch up. One thread at a time may catch up or rebuild; any number of threads may read at the same
// time. Throws Failure as EventLog does, and "rows.damaged" when stored rows or entries are broken: rebuild() repairs
// them.
class RowStore {
 public:
  // The more events a batch has, the more runs begin and end within it, whose entries in between are never written.
  static constexpr std::size_t kEventsPerBatchMax = 16'384;
  static constexpr std::size_t kBytesPerBatchMax = 8U << 20U;
  static constexpr std::size_t kPageMax = 1000;

  // `log` is not owned and must outlive the store. Rows of another revision or of another ledger are removed and follow
  // from zero: nobody else may be using them then. Throws "storage.damaged" when the rows are ahead of the log.
  explicit RowStore(EventLog& log);
  ~RowStore();

  // Folds the events after the checkpoint, up to log.last() at the time of the call, in batches that end with
  // kEventsPerBatchMax events, or once these and the rows that they touch have kBytesPerBatchMax. After each batch it
  // calls `watch` with the changes, and `progress` with the events done and all that there are to do.
  void catch_up(const Progress& progress = {}, const RowWatch& watch = {});
  // Moves the rows from memory into tables, so that the next process need not fold the events again.
  void flush() const;
  // Rewrites all tables, and returns once no file has what was overwritten or removed before. Throws "erase.in_use"
  // when a reader that began before still needs it.
  void rewrite_tables() const;
  // The position up to which the rows are folded. Any thread may ask.
  [[nodiscard]] Sequence checkpoint() const;

  // The row of a run as of the checkpoint; absent when the rows have no such run.
  [[nodiscard]] std::optional<OperationRun::Row> find(RunId run) const;
  // The run's milestones (projections/rows/index.h) after its event `after`, up to and including `to`,
  // in order. Requires that `after` is not before kMilestonesAfter, and that the rows are folded up to the event `to`.
  [[nodiscard]] std::vector<row_index::Milestone> milestones(RunId run, RunVersion after, RunVersion to) const;
  // Returns one page; `limit` is 1 to kPageMax rows. `cursor` is empty or a next_cursor of a list with the same filter;
  // otherwise the code is "cursor.invalid". A filter of more than kFilterValuesMax types has "filter.too_many".
  [[nodiscard]] Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) const;
  // The same for a caller that counts positions in another way: `as_of` is what it means by filter.as_of, which the
  // cursor is bound to.
  [[nodiscard]] Result<RunPage> list(const RunFilter& filter, const std::optional<Sequence>& as_of, std::size_t limit,
                                     const std::string& cursor) const;
  // Visits the events of these entries (projections/rows/event_index.h) before the position `before`, newest first,
  // until `visit` returns kStop.
  void visit_events(const row_index::RowUnion& entries, Sequence before,
                    const std::function<Scan(Sequence position, RunId run)>& visit) const;
  // The sum of all groups that match the filter. Requires selects_totals().
  [[nodiscard]] LedgerTotals totals(const RunFilter& filter) const;
  // The totals of one scope and type.
  struct TotalsGroup {
    std::string_view workspace;
    std::string_view tenant;  // Empty for runs of no tenant.
    std::string_view type;
    Statistics totals;
  };
  // Visits the groups that match the filter, in the order of their names. Requires selects_totals().
  void visit_totals(const RunFilter& filter, const std::function<Scan(const TotalsGroup&)>& visit) const;
  // Visits the types and scopes that have roll-ups and whose group begins with `prefix`
  // (projections/rows/rollup_index.h).
  void visit_rollup_groups(const std::string& prefix,
                           const std::function<Scan(const row_index::RollupKey&)>& visit) const;
  // Visits the roll-ups of a group that begin at or after `from` and before `until`.
  void visit_rollups(const std::string& group, row_index::Grain grain, Time from, Time until,
                     const std::function<void(Time start, const Rollup&)>& visit) const;
  // A queued run, which waits for an attempt.
  struct Queued {
    RunId run;
    Time due;  // The time from which it may be claimed.
  };
  // The queued run of this type and scope that is due first, among those that are due at or after `from` and not
  // `taken`. Absent when there is none.
  [[nodiscard]] std::optional<Queued> first_queued(const RunType& type, const Scope& scope, Time from,
                                                   const std::function<bool(RunId)>& taken) const;
  // How many queued runs of this type and scope are due before `due`; at most `most`.
  [[nodiscard]] std::size_t count_queued_before(const RunType& type, const Scope& scope, Time due,
                                                std::size_t most) const;
  // Visits each type and scope that has queued runs, with the time at which the first of them is due.
  void visit_queues(const std::function<void(const RunType&, const Scope&, Time first_due)>& visit) const;

  // Catches up, folds the log from zero beside the live rows, compares, and writes only the differences. With `dry_run`
  // it counts the differences but writes nothing beyond catching up. Throws "rows.damaged" when the engine cannot read
  // the rows.
  RebuildReport rebuild(bool dry_run, const Progress& progress = {});

  // Compares rows, indexes and statistics with the fold of the log up to the checkpoint. Calls `finding` once per
  // difference. Events that cannot be read are skipped.
  void verify(const std::function<void(std::string code, std::optional<RunId> run, std::string detail)>& finding,
              const Progress& progress = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Does what RowStore::rebuild() does, with rows that nobody else uses. Those that the engine cannot read are removed,
// and made anew; with `dry_run` it throws "rows.damaged" instead.
RebuildReport rebuild_rows(EventLog& log, bool dry_run, const Progress& progress = {});

}  // namespace runledger
