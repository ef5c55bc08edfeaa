// Keeps two generations of rows.
#include "projections/postgres/row_cache.h"

#include <utility>

namespace runledger {
// What can be large, and a constant for all else.
std::size_t bytes_of(const OperationRun::Row& row) {
  constexpr std::size_t kOverhead = 256;
  constexpr std::size_t kPerCount = 96;
  std::size_t bytes = sizeof(row) + kOverhead + row.context.canonical().size() +
                      (row.summary_counts.size() + row.held_counts.size()) * kPerCount;
  for (const FailureNote& failure : row.failures) bytes += sizeof(failure) + failure.message.str().size();
  return bytes;
}

std::optional<OperationRun::Row> RowCache::take(RunId run) {
  if (auto node = young_.extract(run)) {
    young_bytes_ -= bytes_of(node.mapped());
    return std::move(node.mapped());
  }
  if (auto node = old_.extract(run)) return std::move(node.mapped());
  return std::nullopt;
}

void RowCache::put(OperationRun::Row row) {
  young_bytes_ += bytes_of(row);
  const RunId run = row.id;
  young_.emplace(run, std::move(row));
  if (young_bytes_ < generation_bytes_max_) return;
  old_ = std::exchange(young_, {});
  young_bytes_ = 0;
}

void RowCache::clear() {
  young_.clear();
  old_.clear();
  young_bytes_ = 0;
}

}  // namespace runledger
