// The part of verify that folds streams: each must be legal, and give the states that decisions are made on.
#pragma once

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/folds/fold.h"
#include "projections/verify/report.h"

namespace runledger {

// Checks every run's stream and stored state as of `to`, and counts the runs in `report`. Holds at
// most `states_max` states (2 or more) at a time.
void check_run_states(const EventLog& log, Sequence to, VerifyReport& report, const Progress& progress,
                      std::size_t states_max = kRowsInMemoryMax);

// Checks every identity's stored state as of `to`, and that no two runs of one were active at once.
void check_identity_states(const EventLog& log, Sequence to, VerifyReport& report, const Progress& progress,
                           std::size_t states_max = kRowsInMemoryMax);

}  // namespace runledger
