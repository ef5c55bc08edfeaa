// The part of verify that looks at the log itself: numbers, stored bytes, times, the tree, and the indexes of events.
#pragma once

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/verify/report.h"

namespace runledger {

// Checks the events up to `head` and counts them in `report`. `progress` counts events. Remembers
// `window` events (1 or more) at a time, and goes over the indexes once for each so many.
inline constexpr std::uint64_t kEventsPerWindow = 1'000'000;
void check_log(const EventLog& log, const Head& head, VerifyReport& report, const Progress& progress,
               std::uint64_t window = kEventsPerWindow);

}  // namespace runledger
