// A bounded memory of rows as they stand at the mirror's checkpoint.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "projections/folds/operation_run.h"

namespace runledger {

// About what a row takes in memory.
[[nodiscard]] std::size_t bytes_of(const OperationRun::Row& row);

// Bounded by bytes, since the input of one run may be a thousand times that of another. Two generations: when the young
// one is full it becomes the old one, and what is used again moves back. Not for several threads at once.
//
// Rows are taken out to be changed and put back once the change is committed, so that what a lost connection leaves
// here is true at the old checkpoint and at the new one; at an earlier one it is not.
class RowCache {
 public:
  explicit RowCache(std::size_t bytes_max) : generation_bytes_max_(bytes_max / 2) {}

  // Absent: not held.
  [[nodiscard]] std::optional<OperationRun::Row> take(RunId run);
  // Requires that the run is not held.
  void put(OperationRun::Row row);

  void clear();

 private:
  using Rows = std::unordered_map<RunId, OperationRun::Row>;

  std::size_t generation_bytes_max_;
  std::size_t young_bytes_ = 0;
  Rows young_;
  Rows old_;
};

}  // namespace runledger
