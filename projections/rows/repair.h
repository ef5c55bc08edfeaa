// Makes stored rows equal to the fold of the log, one difference after the other.
#pragma once

#include <cstdint>

#include "projections/rows/check.h"

namespace runledger {

// For one thread and one check_rows(). Between two of its batches readers see some rows repaired and others not yet.
class RowRepair {
 public:
  enum class Mode { kApply, kCountOnly };

  // `table` is not owned and must outlive the repair.
  RowRepair(const RowTable& table, Mode mode) : table_(table), mode_(mode) {}

  // Counts a difference and, with kApply, repairs it.
  void take(const RowDifference& difference);

  // Writes the last batch. `scanned` is the result of check_rows(). Call it once, after all differences.
  [[nodiscard]] RebuildReport finish(std::uint64_t scanned);

 private:
  void apply(const RowDifference& difference);
  void write();

  const RowTable& table_;
  Mode mode_;
  RebuildReport report_;
  rocksdb::WriteBatch batch_;
};

}  // namespace runledger
