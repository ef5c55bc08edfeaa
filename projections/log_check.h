// The part of verify that looks at the log itself: numbers, stored bytes, times, the tree, and the indexes of events.
#pragma once

#include "projections/verify.h"

namespace runledger {

// Checks the events up to `head` and counts them in `report`. `progress` counts events.
void check_log(const EventLog& log, const Head& head, VerifyReport& report, const Progress& progress);

}  // namespace runledger
