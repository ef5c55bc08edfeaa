// Waits and calls in turn.
#include "ledger/log/tail.h"

namespace runledger {

void follow_log(const EventLog& log, Sequence from, const std::stop_token& stop,
                const std::function<Sequence(Sequence last)>& take) {
  // The wait ends with true where there are events to take, also when the stop comes at the same time.
  for (Sequence taken = from; log.wait_past(taken, stop) && !stop.stop_requested();) taken = take(log.last());
}

}  // namespace runledger
