// Checks a whole ledger against its invariants, and names everything that does not hold.
#pragma once

#include "ledger/log/event_log.h"
#include "projections/rows/store.h"
#include "projections/verify/report.h"

namespace runledger {

// The checksums of the store's files; dense numbering of all three kinds, the tree's root, envelopes that decode and
// encode to themselves, streams that are legal, times that do not go back, at most one active run an identity; stored
// states and indexes equal to folds; rows, row indexes and statistics too. `rows` is caught up first. What is
// damaged is named and passed over: it never ends the check. Requires that nothing is appended meanwhile.
[[nodiscard]] VerifyReport verify_ledger(EventLog& log, RowStore& rows, const Progress& progress = {});

}  // namespace runledger
