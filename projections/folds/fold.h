// Rows as of any position, from the log alone: what time travel, rebuild, verify and the mirror compare with.
#pragma once

#include <functional>
#include <optional>

#include "ledger/log/event_log.h"
#include "projections/folds/event_source.h"
#include "projections/folds/operation_run.h"

namespace runledger {

// The row of one run as of `to`; absent when it did not exist yet.
[[nodiscard]] std::optional<OperationRun::Row> fold_run(const EventLog& log, RunId run, Sequence to);

// Every run's row as of `to`, in the order of ids. Holds at most `rows_max` rows (2 or more) at a time: a larger log is
// scanned several times, each time for a part of the ids. `progress` counts the events of all scans so far.
inline constexpr std::size_t kRowsInMemoryMax = 1'000'000;
void fold_all(const EventLog& log, Sequence to, const std::function<void(const OperationRun::Row&)>& visit,
              const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {},
              std::size_t rows_max = kRowsInMemoryMax);
// The same of what `events` gives, which holds either all events of a run or none.
void fold_all(const EventSource& events, const std::function<void(const OperationRun::Row&)>& visit,
              std::size_t rows_max = kRowsInMemoryMax);

}  // namespace runledger
