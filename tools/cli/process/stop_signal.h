// Notices SIGINT and SIGTERM, for commands that run until they are told to stop.
#pragma once

#include <stop_token>
#include <thread>

#include "ledger/base/descriptor.h"

namespace runledger {

// Make it before any thread is started: threads inherit that the signals are held back. Without one, the signals end
// the program as usual.
class StopSignal {
 public:
  StopSignal();  // Throws Failure "signals.failed".
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // For as long as it lives, the signals end the program as usual, also one that came before. Of the thread that made
  // the StopSignal, for work during which nobody looks at it.
  class Lifted {
   public:
    explicit Lifted(const StopSignal& signal);
    ~Lifted();
    Lifted(const Lifted&) = delete;
    Lifted& operator=(const Lifted&) = delete;
  };

  // True from the first signal on.
  [[nodiscard]] bool received();
  // Returns once one has come. After it the signals end the program as usual, so that a second one ends it at once.
  void wait();
  // Stop is requested with the first signal, by a thread that the first call starts. Throws Failure "signals.failed".
  [[nodiscard]] std::stop_token token();

 private:
  Descriptor signals_;
  std::stop_source stop_;
  std::jthread watcher_;  // Ends before what it uses.
  bool received_ = false;
};

}  // namespace runledger
