// Tells where in the log runs may be that were requested, completed or active at certain times.
#pragma once

#include <memory>
#include <optional>

#include "projections/rows/table.h"

namespace runledger {

// For one thread. `table` and `snapshot` must outlive it. Throws Failure as EventLog does, and "rows.damaged" at an
// entry of an unknown form.
class TimeSpans {
 public:
  // Of the filter, only the times count.
  TimeSpans(const RowTable& table, const RunFilter& filter, const rocksdb::Snapshot* snapshot);

  // The newest position at or before `at` in whose block a run may be that the times fit. Zero when there is none.
  [[nodiscard]] Sequence newest_that_may_match(Sequence at);

 private:
  [[nodiscard]] bool fits(const row_index::Span& span) const;

  RunFilter filter_;
  std::string end_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> spans_;  // Null when every time fits.
  std::optional<Sequence> fitting_from_;      // The first position of the block that was found last.
  Sequence fitting_to_;
};

}  // namespace runledger
