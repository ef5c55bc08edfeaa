// Notices that the process did not run for a while: it was stopped, or the machine was suspended.
#pragma once

#include <functional>
#include <thread>

#include "ledger/base/mutex.h"
#include "ledger/values/time.h"

namespace runledger {

// While a process is paused, no heartbeat reaches it, exactly as between two processes; so the leases of its ledger
// begin again when it goes on (Sequencer::Options::renew_leases). A process cannot see its own pause, only that time is
// missing. A thread notes the time every kNotedEvery, and a pause is a distance of kPauseMin or more between two notes.
// The thread only sleeps and notes, so neither a slow disk nor a load of commands is taken for a pause.
//
// Any thread may use it.
class PauseWatch {
 public:
  static constexpr std::chrono::milliseconds kNotedEvery{500};
  // Ordinary delays of a busy machine are shorter. A shorter pause goes unnoticed, which a lease survives as long as
  // heartbeats come several times in it.
  static constexpr std::chrono::seconds kPauseMin{2};

  // Called once for each pause, with its length, on the thread that noticed. Must not block.
  using OnPause = std::function<void(Duration paused)>;

  // Starts the thread. `clock` is not owned and must outlive the watch. `on_pause` may be empty.
  PauseWatch(const Clock& clock, OnPause on_pause);
  PauseWatch(const PauseWatch&) = delete;
  PauseWatch& operator=(const PauseWatch&) = delete;

  // Notes the time, and returns since when the process has been running without a pause: since the construction, or
  // since the end of the last pause was noticed. A caller that compares times with the result reads them before it
  // calls, so that a pause between the two is not missed.
  [[nodiscard]] SteadyTime running_since();

 private:
  const Clock& clock_;
  const OnPause on_pause_;
  Mutex mutex_;
  Duration noted_ RUNLEDGER_GUARDED_BY(mutex_);  // The latest note, as Clock::boot_time().
  SteadyTime since_ RUNLEDGER_GUARDED_BY(mutex_);
  std::jthread thread_;  // The last member, because its thread uses the others.
};

}  // namespace runledger
