// Events folded together, so that each row, index entry and group of totals that they touch is written once.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"
#include "projections/rows/change.h"
#include "projections/rows/families.h"

namespace runledger {

// For one thread, and for one write.
class RowBatch {
 public:
  // `families` is not owned and must outlive it.
  explicit RowBatch(const RowFamilies& families) : families_(families) {}

  // Requires the events after the stored checkpoint, in order.
  void fold(const Envelope& envelope);

  // Puts everything that changed, and the checkpoint, into `batch`.
  void write_to(rocksdb::WriteBatch& batch, Sequence checkpoint) const;

  // As RowWatch is told of them.
  [[nodiscard]] std::vector<RowChange> changes() const;

 private:
  struct Touched {
    OperationRun::Row row;
    std::optional<Standing> stored;         // Where the stored row stands; absent when there is none.
    std::optional<std::string> stored_due;  // Its due_entry().
    Statistics* totals = nullptr;           // Of its scope and type.
    std::optional<Duration> leased_for;     // The lease of the last attempt that these events started.
  };

  Touched& touch(RunId run);
  Statistics& totals_of(const OperationRun::Row& row);

  // What is written under a key; absent: nothing any more.
  using Writes = std::vector<std::pair<std::string, std::optional<std::string>>>;
  void add_entries(const Touched& touched, Writes& entries) const;

  const RowFamilies& families_;
  std::unordered_map<RunId, Touched> touched_;
  std::unordered_map<std::string, Statistics> totals_;  // By key. Values keep their place.
};

}  // namespace runledger
