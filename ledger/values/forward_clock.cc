// Computes the time from the last moment at which the wall clock was not behind.
#include "ledger/values/forward_clock.h"

#include <algorithm>

namespace runledger {

ForwardClock::ForwardClock(const Clock& clock, Time floor)
    : clock_(clock), anchor_{.wall = floor, .steady = clock.steady()} {}

Time ForwardClock::now() const {
  const MutexLock lock(mutex_);
  const Moment found = clock_.moment();
  const Duration passed = std::max(found.steady.since_boot - anchor_.steady.since_boot, Duration::zero());
  const Time least = anchor_.wall + passed / 2;
  if (found.wall < least) return least;
  anchor_ = found;
  return found.wall;
}

}  // namespace runledger
