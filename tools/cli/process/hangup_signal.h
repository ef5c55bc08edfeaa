// Notices SIGHUP, by which an operator asks a daemon to read its configuration again.
#pragma once

#include "ledger/base/descriptor.h"

namespace runledger {

// Blocks the signal, so that it does not end the program, and reports it when asked. Make it before any thread is
// started, because threads inherit the blocked signal. Used by the thread that made it.
class HangupSignal {
 public:
  HangupSignal();  // Throws Failure "signals.failed".
  HangupSignal(const HangupSignal&) = delete;
  HangupSignal& operator=(const HangupSignal&) = delete;

  // Readable from a signal on, until take().
  [[nodiscard]] int descriptor() const { return signals_.get(); }
  // Forgets the signal that has come. Several that come before it count as one.
  void take() const;

 private:
  Descriptor signals_;
};

}  // namespace runledger
