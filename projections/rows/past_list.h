// Searches the rows of one page of a list as it was at an earlier position.
#pragma once

#include "projections/rows/list_search.h"

namespace runledger {

// As search_rows(), but of the runs as they were after the event at `as_of`. The indexes know only the present, so the
// search takes the runs that match in what never changes, or can only be added, and folds those that have changed since
// `as_of` from their events (past_row()). Besides its other limits it stops after it has read kPastEventsReadMax
// events, where each run that it folds counts for kEventsOfAFold more; the last run may exceed that. Requires that the
// rows of the snapshot are at `as_of` or later.
inline constexpr std::uint64_t kPastEventsReadMax = 10'000;
inline constexpr std::uint64_t kEventsOfAFold = 10;  // Finding a run's events takes as long as reading so many.
[[nodiscard]] FoundRows search_past_rows(const RowTable& table, const RunFilter& filter, Sequence as_of,
                                         Sequence before, std::size_t limit, const rocksdb::Snapshot* snapshot);

}  // namespace runledger
