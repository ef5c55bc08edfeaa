// The signals that ask this process to end, held back so that they can be passed on to a command.
#pragma once

#include <csignal>

#include <chrono>
#include <optional>

#include "ledger/base/descriptor.h"

namespace runledger {

struct PassedSignal {
  int number = 0;
  bool from_terminal = false;  // Then everybody in the terminal's foreground got it.
};

// SIGTERM, SIGINT and SIGHUP, but for those that were ignored when the process was started (nohup). Make it before any
// thread is started: threads inherit that the signals are held back. They stay so afterwards.
class PassedSignals {
 public:
  PassedSignals();  // Throws Failure "signals.failed".

  // Readable while one waits to be taken.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  // The next one; absent when there is none.
  [[nodiscard]] std::optional<PassedSignal> take();
  // Waits for one, for as long as that.
  [[nodiscard]] std::optional<PassedSignal> take_within(std::chrono::milliseconds patience);

  // What the process was started with, to be handed to children.
  [[nodiscard]] const sigset_t& mask_before() const noexcept { return before_; }

 private:
  sigset_t before_{};
  Descriptor descriptor_;
};

}  // namespace runledger
