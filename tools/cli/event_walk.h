// Goes over the events of a ledger, wherever it is, in the memory of one page.
#pragma once

#include <functional>

#include "projections/reader/ledger_reader.h"

namespace runledger {

// Calls `visit` for every event of `query`, in order, to the end of what there is; `reached` after every page, with how
// far it has come. query.count_max need not be set. Throws as LedgerReader, and Refused.
void walk_events(LedgerReader& reader, EventQuery query, const std::function<void(const VisibleEvent&)>& visit,
                 const std::function<void(Sequence)>& reached = {});

}  // namespace runledger
