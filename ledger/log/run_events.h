// The events of one run, in order, found through the index of runs.
#pragma once

#include <cstddef>
#include <vector>

#include "ledger/log/store/store.h"
#include "ledger/rules/event.h"
#include "ledger/rules/run.h"

namespace runledger {

// Both throw Failure "storage.damaged" when an event is missing or is not what the index says, and "storage.failed"
// when the engine cannot read. Any thread may call them.

// Returns the events of the run that come after its event `after`, oldest first: at most `count_max`, and none after
// `to`. Empty for a run that does not exist.
[[nodiscard]] std::vector<Envelope> read_events_of(const Store& store, RunId run, Sequence to, RunVersion after,
                                                   std::size_t count_max);

// Returns the state that all stored events of the run fold to.
[[nodiscard]] RunState fold_events_of(const Store& store, RunId run);

}  // namespace runledger
