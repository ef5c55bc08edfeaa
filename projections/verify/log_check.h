// The part of verify that checks the log itself: positions, stored bytes, times, the tree, and the indexes of events.
#pragma once

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/verify/report.h"

namespace runledger {

// Checks the events up to `head`, counts the stored ones in `report`, and adds its findings there. Codes: event.*,
// scope.gap, run_index.*, scope_index.*, workspace_index.*, head.mismatch and tree.root_mismatch. `progress` counts
// events. Memory holds `window` events (1 or more) at a time, and the indexes are read once per window. Throws Failure
// as EventLog does, except for damage.
inline constexpr std::uint64_t kEventsPerWindow = 1'000'000;
void check_log(const EventLog& log, const Head& head, VerifyReport& report, const Progress& progress,
               std::uint64_t window = kEventsPerWindow);

}  // namespace runledger
