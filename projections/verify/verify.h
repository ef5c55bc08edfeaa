// Checks a whole ledger against its invariants and reports everything that does not hold.
#pragma once

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/verify/report.h"

namespace runledger {

// Checks these invariants:
// - The checksums of the store's files are right.
// - Sequences, run versions and scope sequences have no gaps, and times do not go back.
// - Every envelope decodes, and encodes to its stored bytes; the tree over them has the stored root.
// - Streams are legal, with at most one active run per identity.
// - Stored states, indexes, rows, row indexes and statistics are equal to the fold of the log.
// - The tiles and the heads of scopes, if there are any, are those that follow from the log.
//
// The rows catch up first. Damage is reported and skipped; it never ends the check. Throws other Failures as EventLog
// and RowStore do. Requires that nothing is appended during the check, and that nobody else makes the rows catch up.
[[nodiscard]] VerifyReport verify_ledger(EventLog& log, const Progress& progress = {});

}  // namespace runledger
