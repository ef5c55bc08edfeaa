// Follows the log: calls a function whenever the log has grown, until a stop is requested.
#pragma once

#include <functional>
#include <stop_token>

#include "ledger/log/event_log.h"

namespace runledger {

// Calls `take` on the calling thread, one call after the other, whenever the log has events after the position that
// `take` returned last; `from` is the first such position. `take` is called with the log's last position, and returns
// the position up to which it has processed events. If that is before the last position, it is called again
// immediately.
//
// Blocks until `stop` is requested, and lets a call of `take` finish first. Exceptions from `take` pass through.
//
// A caller that starts a thread for this reads `from` before it starts the thread: an event that is appended while the
// thread starts would otherwise count as seen.
void follow_log(const EventLog& log, Sequence from, const std::stop_token& stop,
                const std::function<Sequence(Sequence last)>& take);

}  // namespace runledger
