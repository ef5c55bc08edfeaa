// The part of verify that folds streams: each must be legal and give the stored states on which decisions are made.
#pragma once

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/folds/fold.h"
#include "projections/verify/report.h"

namespace runledger {

// Checks every run's stream and stored state as of `to`, and counts the runs in `report`. At most `states_max` states
// (2 or more) are in memory at a time. Codes: stream.* and run_state.*. Throws Failure as EventLog does, except for
// damage.
void check_run_states(const EventLog& log, Sequence to, VerifyReport& report, const Progress& progress,
                      std::size_t states_max = kRowsInMemoryMax);

// Checks every identity's stored state as of `to`, and that no two runs of an identity were active at the same time.
// Codes: identity_state.* and identity.two_active. Otherwise as check_run_states().
void check_identity_states(const EventLog& log, Sequence to, VerifyReport& report, const Progress& progress,
                           std::size_t states_max = kRowsInMemoryMax);

}  // namespace runledger
