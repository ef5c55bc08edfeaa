// Keeps many lines of an import under way at once, so that one sync commits many of them, and settles them in order.
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

// A line whose answer is awaited, with what a report about it needs.
struct PendingLine {
  std::size_t file = 0;  // Its index among the files of the import.
  std::uint64_t number = 0;
  LineKind kind = LineKind::kUnknown;
  std::string raw;
};

// Used by one thread, while the answers arrive on the sequencer's thread. Holds at most lines_max lines, and about
// kBytesMax bytes of their text; a single longer line is still taken.
class ImportWindow {
 public:
  static constexpr std::size_t kBytesMax = 64 * 1024 * 1024;

  // `settle` is called for every line, in order, on the thread that uses the window. It may throw; the line then counts
  // as settled. `sequencer` is not owned and must outlive the window. Requires lines_max of at least 2; asserted.
  using Settle = std::function<void(const PendingLine& line, const Answer& answer)>;
  ImportWindow(Sequencer& sequencer, std::size_t lines_max, Settle settle);
  ~ImportWindow();  // Waits for the answers that are under way, and drops them without settling their lines.
  ImportWindow(const ImportWindow&) = delete;
  ImportWindow& operator=(const ImportWindow&) = delete;

  // Adds a line and submits its command. When the window is full, it first settles the oldest lines, for which it may
  // have to wait. A line whose translation was refused is not submitted: the rejection is its answer, and it is settled
  // in its turn.
  void add(PendingLine line, Result<Submission> submission);

  // Waits for the answers of all lines, and settles them.
  void drain();

 private:
  struct Slot {
    PendingLine line;
    Answer answer;
    std::uint64_t answered_with = 0;  // The line has its answer when answered_ reaches this.
  };

  void settle_half();
  void settle_first(std::size_t count);
  void wait_for(std::uint64_t answered);

  Sequencer& sequencer_;
  Settle settle_;
  std::vector<Slot> slots_;  // A ring, whose size never changes.
  std::size_t first_ = 0;    // The index of the oldest line.
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;  // The text of the lines in the window.
  std::uint64_t submitted_ = 0;
  Mutex mutex_;  // Guards wanted_, and every change of answered_, which may be read without it.
  Condition reached_;
  std::atomic<std::uint64_t> answered_{0};
  std::uint64_t wanted_ RUNLEDGER_GUARDED_BY(mutex_) = 0;  // The waiting thread is woken when answered_ reaches this.
};

}  // namespace runledger
