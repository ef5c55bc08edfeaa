// The lines of an import that are under way: many at once, so that one sync carries many, yet settled in order.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ledger/base/mutex.h"
#include "ledger/exchange/journal.h"
#include "ledger/sequencer.h"

namespace runledger {

struct PendingLine {
  std::size_t file = 0;
  std::uint64_t number = 0;
  LineKind kind = LineKind::kUnknown;
  std::string raw;
};

// Used by one thread; the answers arrive on the sequencer's. Holds at most lines_max lines and about kBytesMax bytes.
class ImportWindow {
 public:
  static constexpr std::size_t kBytesMax = 64 * 1024 * 1024;

  // `settle` is called for every line, in order, on the thread that uses the window; it may throw. `sequencer` is not
  // owned and must outlive it. Requires lines_max of 2 or more.
  using Settle = std::function<void(const PendingLine& line, const Answer& answer)>;
  ImportWindow(Sequencer& sequencer, std::size_t lines_max, Settle settle);
  ~ImportWindow();  // Waits for the answers that are under way, and drops them.
  ImportWindow(const ImportWindow&) = delete;
  ImportWindow& operator=(const ImportWindow&) = delete;

  // Makes room when there is none, by settling the oldest lines. A line whose translation was refused waits its turn
  // with that as its answer.
  void add(PendingLine line, Result<Submission> submission);

  // Settles every line.
  void drain();

 private:
  struct Slot {
    PendingLine line;
    Answer answer;
    std::uint64_t answered_with = 0;  // It has its answer once so many submissions are answered.
  };

  void settle_half();
  void settle_first(std::size_t count);
  void wait_for(std::uint64_t answered);

  Sequencer& sequencer_;
  Settle settle_;
  std::vector<Slot> slots_;  // A ring.
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t submitted_ = 0;
  Mutex mutex_;  // Guards wanted_ and every change of answered_, which is read without it.
  Condition reached_;
  std::atomic<std::uint64_t> answered_{0};
  std::uint64_t wanted_ RUNLEDGER_GUARDED_BY(mutex_) =
      0;  // The count of answers that the waiting thread is to be woken at.
};

}  // namespace runledger
