// Walks over the events of a local or remote ledger, with only one page of them in memory.
#pragma once

#include <functional>

#include "projections/reader/ledger_reader.h"

namespace runledger {

// Calls `visit` for every event of `query`, in order, until query.to or the end of the log. Calls `reached`, unless it
// is empty, after every page, with the sequence up to which the walk has come. Ignores query.count_max. Throws as
// LedgerReader does, RefusedWith when the reader answers with a rejection, and what the callbacks throw.
void walk_events(LedgerReader& reader, EventQuery query, const std::function<void(const VisibleEvent&)>& visit,
                 const std::function<void(Sequence)>& reached = {});

}  // namespace runledger
