// The result of rebuilding rows, for the local ones and the mirror alike.
#pragma once

#include <cstdint>

namespace runledger {

// The differences that a rebuild found and, unless it was a dry run, repaired: drifted = inserted + updated + deleted.
struct RebuildReport {
  std::uint64_t scanned = 0;  // The rows of the fold.
  std::uint64_t drifted = 0;
  std::uint64_t inserted = 0;  // Rows that were missing.
  // Rows that differed from the fold. For local rows also those whose index entries or totals differed.
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;  // Rows that should not have existed.
};

}  // namespace runledger
