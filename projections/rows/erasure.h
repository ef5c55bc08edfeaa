// The last steps of an erasure: nothing that was erased is in a file any more, and neither are the keys.
#pragma once

#include <cstddef>

#include "ledger/log/store/store.h"
#include "projections/rows/store.h"

namespace runledger {

// Completes the erasures that have not been completed: those that an event of the log has recorded, and whose keys are
// in the file of keys still. Rows must be folded up to the end of the log. Rewrites the tables of the rows, so that no
// file has the old ones, and then destroys the keys. Returns how many were destroyed. Throws Failure "erase.in_use"
// when a copy of the ledger, or a reader that began before, still needs the old files; then the same can be tried
// again.
std::size_t complete_erasures(Store& store, const RowStore& rows);

}  // namespace runledger
