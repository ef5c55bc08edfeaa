// Searches the rows of one page of a list.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "projections/rows/table.h"

namespace runledger {

// The work of one search, in entries that were passed over.
inline constexpr std::size_t kEntriesPassedOverMax = 10'000;

struct FoundRows {
  std::vector<OperationRun::Row> rows = {};
  std::optional<Sequence> next_before = {};  // Where the next page begins; absent after the last one.
  std::uint64_t scanned = 0;                 // See RunPage.
  std::optional<Time> reached = {};
};

// Returns at most `limit` rows that match and are older than `before`, newest first. The search stops early when it has
// done as much work as passing over kEntriesPassedOverMax entries. Throws Failure as EventLog does, and
// "rows.damaged".
[[nodiscard]] FoundRows search_rows(const RowTable& table, const RunFilter& filter, Sequence before, std::size_t limit,
                                    const rocksdb::Snapshot* snapshot);

}  // namespace runledger
