// Brings stored rows to what the log folds to, difference by difference.
#pragma once

#include <cstdint>

#include "projections/rows/check.h"

namespace runledger {

// For one thread, and for one check_rows(). Between its batches readers see some rows mended and others not yet.
class RowRepair {
 public:
  enum class Mode { kApply, kCountOnly };

  // `families` is not owned and must outlive it.
  RowRepair(const RowFamilies& families, Mode mode) : families_(families), mode_(mode) {}

  void take(const RowDifference& difference);

  // Writes what is left to write. `scanned` is what check_rows() gave back.
  [[nodiscard]] RebuildReport finish(std::uint64_t scanned);

 private:
  void apply(const RowDifference& difference);
  void write();

  const RowFamilies& families_;
  Mode mode_;
  RebuildReport report_;
  rocksdb::WriteBatch batch_;
};

}  // namespace runledger
