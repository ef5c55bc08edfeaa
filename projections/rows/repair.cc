// Counts and applies differences in bounded batches.
#include "projections/rows/repair.h"

namespace runledger {
namespace {

constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20U;

}  // namespace

void RowRepair::take(const RowDifference& difference) {
  if (difference.counts_as != nullptr) ++(report_.*difference.counts_as);
  if (mode_ == Mode::kApply) apply(difference);
}

RebuildReport RowRepair::finish(std::uint64_t scanned) {
  write();
  report_.scanned = scanned;
  report_.drifted = report_.inserted + report_.updated + report_.deleted;
  return report_;
}

void RowRepair::apply(const RowDifference& difference) {
  if (difference.kind != RowDifference::Kind::kExtra) {
    check(batch_.Put(difference.key, difference.expected), "repairing rows");
  } else {
    // An entry that names the wrong run is extra for one run and missing for another, and the two differences come in
    // any order. So it is deleted only while it still holds the wrong value.
    write();
    if (table_.read(difference.key) != difference.found) return;
    check(batch_.Delete(difference.key), "repairing rows");
  }
  if (batch_.GetDataSize() >= kBatchBytesMax) write();
}

void RowRepair::write() {
  if (batch_.Count() == 0) return;
  table_.write(batch_);
  batch_.Clear();
}

}  // namespace runledger
