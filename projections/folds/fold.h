// Rows as of any position, folded from the log alone. Time travel, rebuild, verify and the mirror compare with them.
#pragma once

#include <functional>
#include <optional>

#include "ledger/log/event_log.h"
#include "projections/folds/event_source.h"
#include "projections/folds/operation_run_attempt.h"

namespace runledger {

// The row of one run as of `to`; absent when the run did not exist yet.
[[nodiscard]] std::optional<OperationRun::Row> fold_run(const EventLog& log, RunId run, Sequence to);

// The same with its attempts.
[[nodiscard]] std::optional<RunWithAttempts> fold_run_with_attempts(const EventLog& log, RunId run, Sequence to);

// Visits every run's row as of `to`, in the order of ids. At most `rows_max` rows (2 or more) are in memory at a time:
// a larger log is scanned several times, each time for a part of the ids. `progress` counts the events of all scans so
// far. Throws Failure "storage.damaged" where the log is not sound.
inline constexpr std::size_t kRowsInMemoryMax = 1'000'000;
void fold_all(const EventLog& log, Sequence to, const std::function<void(const OperationRun::Row&)>& visit,
              const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {},
              std::size_t rows_max = kRowsInMemoryMax);
// The same for the events of a source, which must hold either all events of a run or none of them.
void fold_all(const EventSource& events, const std::function<void(const OperationRun::Row&)>& visit,
              std::size_t rows_max = kRowsInMemoryMax);
// The same with their attempts.
void fold_all_with_attempts(const EventSource& events, const std::function<void(const RunWithAttempts&)>& visit,
                            std::size_t runs_max = kRowsInMemoryMax);

}  // namespace runledger
