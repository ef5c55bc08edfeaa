// The witnesses of a daemon: every new checkpoint is sent to them, and their cosignatures are collected.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ledger/base/mutex.h"
#include "ledger/log/event_log.h"
#include "tools/daemon/witness/client.h"

namespace runledger {

// Asks the witnesses with a thread of its own, one after the other, so that nothing waits for them. A checkpoint that
// comes while they are asked takes the place of one that still waits. When one of them could not be reached, all are
// asked again after a while. Any thread may use it.
class Witnesses {
 public:
  // Functions that are called on the thread of the witnesses, or by the destructor. None may throw.
  struct Listener {
    // Takes the cosignatures of `checkpoint` that were collected, at least one, in the form of a note's signatures.
    // Returns false when it cannot do so at the moment; it is called again then.
    std::function<bool(const SignedCheckpoint& checkpoint, std::string_view lines)> cosigned;
    // A witness has not cosigned a checkpoint.
    std::function<void(std::string_view witness, std::string_view code, std::string_view what)> refused;
  };

  // `log` is not owned and must outlive it.
  Witnesses(const EventLog& log, const std::vector<WitnessAddress>& addresses, Listener listener);
  // Asks once more for what still waits: for four seconds at most, whatever the number of witnesses.
  ~Witnesses();
  Witnesses(const Witnesses&) = delete;
  Witnesses& operator=(const Witnesses&) = delete;

  void ask_for(const SignedCheckpoint& newest);

 private:
  void keep();
  void ask(const SignedCheckpoint& checkpoint);
  void deliver(const SignedCheckpoint& checkpoint, std::string_view lines);
  [[nodiscard]] bool wait_to_deliver();
  void ask_again_for(const SignedCheckpoint& checkpoint);
  [[nodiscard]] std::optional<SignedCheckpoint> take_pending();
  // Until when one witness may take, of `count` that are still to be asked.
  [[nodiscard]] std::chrono::steady_clock::time_point end_of_turn(std::size_t count);
  [[nodiscard]] bool is_over();

  const EventLog& log_;
  const Listener listener_;
  std::vector<std::unique_ptr<WitnessClient>> clients_;  // Used by the thread, and after it by the destructor.
  Mutex mutex_;
  Condition changed_;
  bool stopping_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  bool ended_ RUNLEDGER_GUARDED_BY(mutex_) = false;  // The thread has; the destructor asks the last time.
  std::chrono::steady_clock::time_point end_ RUNLEDGER_GUARDED_BY(mutex_);  // Of that last time.
  std::optional<SignedCheckpoint> pending_ RUNLEDGER_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point not_before_ RUNLEDGER_GUARDED_BY(mutex_);  // When `pending_` is asked for.
  std::thread thread_;  // Last, because it uses the members before it.
};

}  // namespace runledger
