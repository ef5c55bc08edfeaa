// Compares the time with that of the last note.
#include "ledger/pause_watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "ledger/base/thread_name.h"

namespace runledger {

PauseWatch::PauseWatch(const Clock& clock, OnPause on_pause)
    : clock_(clock),
      on_pause_(std::move(on_pause)),
      noted_(clock.boot_time()),
      since_(clock.steady()),
      thread_([this](const std::stop_token& stop) {
        name_thread("pause-watch");
        std::mutex asleep;
        std::condition_variable_any never;  // Only a stop request ends the sleep early.
        std::unique_lock lock(asleep);
        while (!stop.stop_requested()) {
          never.wait_for(lock, stop, kNotedEvery, [] { return false; });
          (void)running_since();
        }
      }) {}

SteadyTime PauseWatch::running_since() {
  Duration paused{};
  SteadyTime since;
  {
    const MutexLock lock(mutex_);
    const Duration now = clock_.boot_time();
    paused = now - std::exchange(noted_, std::max(noted_, now));
    if (paused >= kPauseMin) since_ = clock_.steady();
    since = since_;
  }
  if (paused >= kPauseMin && on_pause_) on_pause_(paused);
  return since;
}

}  // namespace runledger
