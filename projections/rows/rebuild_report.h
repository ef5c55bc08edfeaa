// What rebuilding rows came to, of the local ones and of the mirror alike.
#pragma once

#include <cstdint>

namespace runledger {

// What a rebuild found and did. drifted = inserted + updated + deleted.
struct RebuildReport {
  std::uint64_t scanned = 0;  // Rows compared: those of the fold.
  std::uint64_t drifted = 0;
  std::uint64_t inserted = 0;  // Were missing.
  std::uint64_t updated = 0;   // Were other than the fold. Locally also: whose index entries or totals were.
  std::uint64_t deleted = 0;   // Should not have been there.
};

}  // namespace runledger
