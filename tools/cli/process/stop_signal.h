// Notices SIGINT and SIGTERM, for commands that run until they are told to stop.
#pragma once

namespace runledger {

// Make it before any thread is started: threads inherit that the signals are held back. Without one, the signals end
// the program as usual.
class StopSignal {
 public:
  StopSignal();  // Throws Failure "signals.failed".
  ~StopSignal();
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

 private:
  int descriptor_;
  bool received_ = false;
};

}  // namespace runledger
