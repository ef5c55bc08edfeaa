// Notices SIGINT and SIGTERM, for commands that run until the user stops them.
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

#include "ledger/base/descriptor.h"

namespace runledger {

// Blocks the two signals and reports them when asked. Make it before any thread is started, because threads inherit the
// blocked signals. Without a StopSignal, the signals end the program as usual. Used by the thread that made it.
class StopSignal {
 public:
  StopSignal();  // Throws Failure "signals.failed".
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // While a Lifted lives, the signals end the program as usual, also a signal that came before. For work during which
  // no code asks the StopSignal. Used on the thread that made the StopSignal.
  class Lifted {
   public:
    explicit Lifted(const StopSignal& signal);
    ~Lifted();
    Lifted(const Lifted&) = delete;
    Lifted& operator=(const Lifted&) = delete;
  };

  // True from the first signal on.
  [[nodiscard]] bool received();
  // Returns as soon as a signal has come, or after `timeout`: whether one has come. The signals stay blocked.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds timeout);
  // Returns once a signal has come, or `other` can be read: whether a signal has come. The signals stay blocked.
  [[nodiscard]] bool wait_beside(int other);
  // Returns once a signal has come. From then on the signals end the program as usual, so a second one ends it
  // immediately.
  void wait();
  // Returns a token on which stop is requested when the first signal comes. The first call starts the thread that
  // requests it. Throws Failure "signals.failed".
  [[nodiscard]] std::stop_token token();

 private:
  Descriptor signals_;
  std::stop_source stop_;
  std::jthread watcher_;  // Declared after the members that its thread uses, so that it ends before them.
  bool received_ = false;
};

}  // namespace runledger
