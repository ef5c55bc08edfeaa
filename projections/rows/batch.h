// A batch of events, folded so that each row, index entry and group of totals that they touch is written once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"
#include "projections/rows/change.h"
#include "projections/rows/table.h"

namespace runledger {

// For one thread and for a single write. Throws Failure as EventLog does, and "rows.damaged".
class RowBatch {
 public:
  // `table` is not owned and must outlive the batch.
  explicit RowBatch(const RowTable& table) : table_(table) {}

  // Folds the next event. Requires the events after the stored checkpoint, in order.
  void fold(const Envelope& envelope);

  // Adds to `batch` everything that changed, and the checkpoint.
  void write_to(rocksdb::WriteBatch& batch, Sequence checkpoint) const;

  // The changes that a RowWatch is called with.
  [[nodiscard]] std::vector<RowChange> changes() const;

 private:
  // Keys with the values to write; an absent value deletes the key.
  using Writes = std::vector<std::pair<std::string, std::optional<std::string>>>;
  struct Touched {
    OperationRun::Row row;
    std::optional<Standing> stored;         // The state of the stored row; absent when there is none.
    std::optional<std::string> stored_due;  // The due_entry() of the stored row.
    Statistics* totals = nullptr;           // The totals of its scope and type.
    std::optional<Duration> leased_for;     // The lease of the last attempt that these events started.
  };

  Touched& touch(RunId run);
  Statistics& totals_of(const OperationRun::Row& row);
  void include_in_span(const OperationRun::Row& row);

  void add_entries(const Touched& touched, Writes& entries) const;

  const RowTable& table_;
  std::unordered_map<RunId, Touched> touched_;
  Writes milestones_;
  std::map<std::string, row_index::Span> spans_;        // By span_key().
  std::unordered_map<std::string, Statistics> totals_;  // By totals_key(). The map never moves its values.
};

}  // namespace runledger
