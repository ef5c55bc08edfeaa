// The clock for decisions: the wall clock, corrected so that it never goes back.
#pragma once

#include "ledger/base/mutex.h"
#include "ledger/values/time.h"

namespace runledger {

// now() returns the wall clock's time, but never a time before one that it has returned. While the wall clock is
// behind, because it was ahead and an operator set it back, now() advances at half the speed of the monotonic clock.
// Deadlines therefore still come, cooldowns and backoffs take at most twice as long, and the wall clock catches up.
// steady() is the unchanged monotonic clock. Any thread may use it.
class ForwardClock final : public Clock {
 public:
  // now() is never before `floor`. `clock` is not owned and must outlive this object.
  ForwardClock(const Clock& clock, Time floor);

  [[nodiscard]] Time now() const override;
  [[nodiscard]] SteadyTime steady() const override { return clock_.steady(); }
  [[nodiscard]] Duration boot_time() const override { return clock_.boot_time(); }

 private:
  const Clock& clock_;
  mutable Mutex mutex_;
  // The last moment at which the wall clock was not behind, on both clocks. It does not move while the wall clock is
  // behind, so that half the elapsed time is rounded once, however often now() is called.
  mutable Moment anchor_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace runledger
