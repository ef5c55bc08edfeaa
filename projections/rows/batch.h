// A batch of events, folded so that each row, index entry and group of totals that they touch is written once.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"
#include "projections/rows/change.h"
#include "projections/rows/rollup_index.h"
#include "projections/rows/table.h"
#include "projections/rows/writes.h"

namespace runledger {

// For one thread and for a single write. Throws Failure as EventLog does, and "rows.damaged".
class RowBatch {
 public:
  // `table` is not owned and must outlive the batch.
  explicit RowBatch(const RowTable& table) : table_(table) {}

  // Folds the next event, which has `stored_bytes` in the log. Requires the events after the stored checkpoint, in
  // order.
  void fold(const Envelope& envelope, std::size_t stored_bytes);
  // The bytes of all events so far and of the rows that they have loaded, as stored.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // Adds to `batch` everything that changed, and the checkpoint. Nothing can be folded after it.
  void write_to(rocksdb::WriteBatch& batch, Sequence checkpoint);

  // The changes that a RowWatch is called with.
  [[nodiscard]] std::vector<RowChange> changes() const;

 private:
  struct Touched {
    OperationRun::Row row;
    bool is_stored = false;                  // A row of the run is stored.
    std::vector<std::string> stored_moving;  // The moving_entries() of the stored row, sorted.
    Statistics* totals = nullptr;            // The totals of its scope and type.
    std::optional<Duration> leased_for;      // The lease of the last attempt that these events started.
  };

  Touched& touch(const Envelope& envelope);
  Statistics& totals_of(const OperationRun::Row& row);
  row_index::Span& span_of(const OperationRun::Row& row);
  void move_span(const std::optional<Standing>& before, const OperationRun::Row& row);

  void add_entries(const Touched& touched, RowWrites& writes) const;
  void add_rollups(RowWrites& writes) const;
  void remove_expired_rollups(rocksdb::WriteBatch& batch) const;

  const RowTable& table_;
  std::unordered_map<RunId, Touched> touched_;
  RowWrites event_entries_;                             // Those that an event makes, and not the row.
  std::map<std::string, row_index::Span> spans_;        // By span_key().
  std::unordered_map<std::string, Statistics> totals_;  // By totals_key(). The map never moves its values.
  row_index::RollupDeltas rollups_;
  Time head_;              // When the last event was recorded.
  std::size_t bytes_ = 0;  // See bytes().
};

}  // namespace runledger
