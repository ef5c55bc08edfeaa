// Alternates between waiting for the log to grow and calling the function.
#include "ledger/log/tail.h"

namespace runledger {

void follow_log(const EventLog& log, Sequence from, const std::stop_token& stop,
                const std::function<Sequence(Sequence last)>& take) {
  // wait_past() returns true when there are events, even if a stop was requested too; hence the second check.
  for (Sequence taken = from; log.wait_past(taken, stop) && !stop.stop_requested();) taken = take(log.last());
}

}  // namespace runledger
