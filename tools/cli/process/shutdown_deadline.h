// Ends a process that got a signal to end but still waits for a ledger that does not answer.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "jobs/exec/passed_signals.h"
#include "ledger/base/descriptor.h"
#include "ledger/base/mutex.h"

namespace runledger {

// A thread that watches for pending signals without taking them. When a signal has come, the rest of the process has
// kTimeout to end or to destroy this object. Then the thread calls `end`, which ends the process. It is needed because
// the ledger may not answer for minutes, or ever, and a thread that waits for an answer does not look at signals.
// begin() and Pause may be used on any thread.
class ShutdownDeadline {
 public:
  static constexpr std::chrono::seconds kTimeout{5};

  // `signals` is not owned and must outlive this. `end` must not return; it is called on the watching thread, while all
  // other threads go on. Throws Failure "signals.failed".
  ShutdownDeadline(const PassedSignals& signals, std::function<void()> end);
  ~ShutdownDeadline();
  ShutdownDeadline(const ShutdownDeadline&) = delete;
  ShutdownDeadline& operator=(const ShutdownDeadline&) = delete;

  // Starts the deadline as a signal would. For a caller that has taken a signal, which the thread then cannot see. Does
  // nothing when the deadline has started already.
  void begin();

  // While a Pause lives, the thread ignores signals, because another part of the process handles them. A deadline that
  // had started before is dropped.
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
