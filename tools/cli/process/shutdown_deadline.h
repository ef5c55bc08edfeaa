// The end of a process that was told to end, and waits for somebody who does not answer.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "jobs/exec/passed_signals.h"
#include "ledger/base/descriptor.h"
#include "ledger/base/mutex.h"

namespace runledger {

// A thread that watches for signals beside those who take them. Once one has come, the rest of the process has
// kPatience to end, or to destroy this; then `end` is called, which ends the process: the ledger may not answer for
// minutes, or for ever, and whoever waits for that looks at no signal.
class ShutdownDeadline {
 public:
  static constexpr std::chrono::seconds kPatience{5};

  // `signals` is not owned. `end` does not return; it is called on the thread of this, while any other goes on.
  ShutdownDeadline(const PassedSignals& signals, std::function<void()> end);
  ~ShutdownDeadline();
  ShutdownDeadline(const ShutdownDeadline&) = delete;
  ShutdownDeadline& operator=(const ShutdownDeadline&) = delete;

  // As if a signal had come: by whoever has taken one.
  void begin();

  // For as long as it lives, signals are somebody else's affair, also those that came before.
  class Pause {
   public:
    explicit Pause(ShutdownDeadline& paused) : paused_(paused) { paused_.set_watching(false); }
    ~Pause() { paused_.set_watching(true); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    ShutdownDeadline& paused_;
  };

 private:
  void watch();
  [[nodiscard]] int time_left() const RUNLEDGER_REQUIRES(mutex_);
  void set_watching(bool watching);
  void wake() const;

  const PassedSignals& signals_;
  const std::function<void()> end_;
  Descriptor wake_;
  Mutex mutex_;
  bool watching_ RUNLEDGER_GUARDED_BY(mutex_) = true;
  bool stopping_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  std::optional<std::chrono::steady_clock::time_point> deadline_ RUNLEDGER_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace runledger
