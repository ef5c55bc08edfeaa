// Following the log: work is called for whenever the log has grown, until it is told to stop.
#pragma once

#include <functional>
#include <stop_token>

#include "ledger/log/event_log.h"

namespace runledger {

// Calls `take` on the calling thread, one call after the other, whenever the log holds events after the position that
// `take` returned last, which is `from` at first. `take` gets the log's last position and returns how far it has come:
// short of the last position it is called again at once.
//
// Returns as soon as `stop` is requested, but lets a call of `take` end first. Passes on what `take` throws.
void follow_log(const EventLog& log, Sequence from, const std::stop_token& stop,
                const std::function<Sequence(Sequence last)>& take);

}  // namespace runledger
