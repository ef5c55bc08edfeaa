// Blocks the signals that ask this process to end, so that they can be forwarded to a command.
#pragma once

#include <csignal>

#include <chrono>
#include <optional>

#include "ledger/base/descriptor.h"

namespace runledger {

struct PassedSignal {
  int number = 0;
  bool from_terminal = false;  // The kernel sent it to every process in the terminal's foreground group.
};

// Blocks SIGTERM, SIGINT and SIGHUP, except those that were ignored when the process was started (nohup). Create it
// before any thread is started, because threads inherit the signal mask. The signals stay blocked after its
// destruction.
class PassedSignals {
 public:
  PassedSignals();  // Throws Failure "signals.failed".

  // A descriptor for poll(): it is readable while a signal is pending.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  // Returns the next pending signal. Absent: no signal is pending.
  [[nodiscard]] std::optional<PassedSignal> take();
  // Waits for a signal, at most for `timeout`. Absent: no signal came.
  [[nodiscard]] std::optional<PassedSignal> take_within(std::chrono::milliseconds timeout);

  // The signal mask with which the process was started; children should get it.
  [[nodiscard]] const sigset_t& mask_before() const noexcept { return before_; }

 private:
  sigset_t before_{};
  Descriptor descriptor_;
};

}  // namespace runledger
