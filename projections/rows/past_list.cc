// Asks search_rows() for candidates, some at a time, and looks at each as it was.
#include "projections/rows/past_list.h"

#include <algorithm>

#include "projections/rows/list_index.h"
#include "projections/rows/past_row.h"

namespace runledger {
namespace {

constexpr std::size_t kCandidatesPerSearch = 64;

bool has_final_only(const AnyOf<RunOutcome>& outcome) {
  return outcome && !outcome.admits(RunOutcome::kPending);
}

// What a run that matched `filter` at any time still matches. Who asked for it and with what never changes; attempts,
// their workers and duplicates are only added; and a completed run stays as it is. Everything else is not among it.
RunFilter lasting(const RunFilter& filter) {
  RunFilter kept = filter;
  kept.as_of.reset();
  const bool is_completed = filter.status == AnyOf<RunStatus>(RunStatus::kCompleted) || has_final_only(filter.outcome);
  if (!is_completed) {
    kept.status = {};
    kept.outcome = {};
    kept.reason_code.reset();
  }
  if (filter.active_between) {
    kept.until = std::min(filter.until.value_or(kTimesEnd), filter.active_between->until);
    kept.active_between.reset();
  }
  return kept;
}

class PastSearch {
 public:
  PastSearch(const RowTable& table, const RunFilter& filter, Sequence as_of, const rocksdb::Snapshot* snapshot)
      : table_(table), filter_(filter), lasting_(lasting(filter)), as_of_(as_of), snapshot_(snapshot) {}

  FoundRows run(Sequence before, std::size_t limit) {
    before = std::min(before, as_of_.next());
    for (;;) {
      FoundRows candidates = search_rows(table_, lasting_, before, kCandidatesPerSearch, snapshot_);
      found_.scanned += candidates.scanned;
      for (OperationRun::Row& row : candidates.rows) {
        if (is_done(limit)) return stop(row);
        take(std::move(row));
      }
      if (!candidates.next_before) return std::move(found_);
      before = *candidates.next_before;
      if (!is_done(limit) && found_.scanned < kEntriesPassedOverMax) continue;
      found_.next_before = before;
      found_.reached = candidates.reached;
      return std::move(found_);
    }
  }

 private:
  [[nodiscard]] bool is_done(std::size_t limit) const {
    return found_.rows.size() == limit || events_read_ >= kPastEventsReadMax;
  }

  FoundRows stop(const OperationRun::Row& next) {
    found_.next_before = next.first_sequence.next();
    found_.reached = next.requested_at;
    return std::move(found_);
  }

  void take(OperationRun::Row row) {
    if (row.last_sequence > as_of_) {
      PastRow past = past_row(table_, row, as_of_, snapshot_);
      events_read_ += past.events_read + kEventsOfAFold;
      const auto& workers = past.workers;
      if (filter_.worker && std::find(workers.begin(), workers.end(), *filter_.worker) == workers.end()) return;
      row = std::move(past.row);
    }
    if (row_index::matches(row, filter_)) found_.rows.push_back(std::move(row));
  }

  const RowTable& table_;
  const RunFilter& filter_;
  RunFilter lasting_;
  Sequence as_of_;
  const rocksdb::Snapshot* snapshot_;
  FoundRows found_;
  std::uint64_t events_read_ = 0;
};

}  // namespace

FoundRows search_past_rows(const RowTable& table, const RunFilter& filter, Sequence as_of, Sequence before,
                           std::size_t limit, const rocksdb::Snapshot* snapshot) {
  return PastSearch(table, filter, as_of, snapshot).run(before, limit);
}

}  // namespace runledger
