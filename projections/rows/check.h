// How stored rows, index entries and totals differ from what the log folds to.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "projections/folds/event_source.h"
#include "projections/folds/fold.h"
#include "projections/rows/families.h"
#include "projections/rows/rebuild_report.h"

namespace runledger {

// One entry of the rows' families that is not as it should be.
struct RowDifference {
  enum class Part { kRow, kIndex, kTotals };
  enum class Kind { kMissing, kDiffers, kExtra };

  Part part = Part::kRow;
  Kind kind = Kind::kMissing;
  std::string key;
  std::string expected;                               // What should stand under the key; empty with kExtra.
  std::string found;                                  // What does; empty with kMissing.
  std::optional<RunId> run;                           // Whose it is, where that is known.
  std::uint64_t RebuildReport::*counts_as = nullptr;  // Null when its run was counted before: each counts once.
  std::string detail;                                 // For people.
};

// Folds `events` and compares every byte of rows, index entries and totals, as of `snapshot`, with the outcome. Holds
// `rows_max` rows and the totals of all scopes and types, which are far fewer than runs, in memory.
// Gives back the number of runs.
std::uint64_t check_rows(const RowFamilies& families, const rocksdb::Snapshot* snapshot, const EventSource& events,
                         const std::function<void(const RowDifference&)>& visit,
                         std::size_t rows_max = kRowsInMemoryMax);

}  // namespace runledger
