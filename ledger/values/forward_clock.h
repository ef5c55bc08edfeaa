// The clock that decisions are made by: the wall clock, held so that it never goes back.
#pragma once

#include "ledger/base/mutex.h"
#include "ledger/values/time.h"

namespace runledger {

// now() is the wall clock, but never less than it was before. While the wall clock is behind, because it was ahead
// once and somebody has set it back, time goes on at half the speed of the monotonic clock: nothing that was to end
// then waits for ever, what is counted in it (cooldowns, backoffs) takes at most twice as long, and the wall catches
// up. steady() is the monotonic clock as it is.
class ForwardClock final : public Clock {
 public:
  // Never before `floor`. `clock` is not owned and must outlive it.
  ForwardClock(const Clock& clock, Time floor);

  [[nodiscard]] Time now() const override;
  [[nodiscard]] SteadyTime steady() const override { return clock_.steady(); }

 private:
  const Clock& clock_;
  mutable Mutex mutex_;
  // When the wall clock was last not behind, on both clocks. Kept where it is while it is behind, so that halves are
  // rounded once, however often somebody asks.
  mutable Moment anchor_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace runledger
