// Signs checkpoints of a log that grows.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "ledger/base/mutex.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/event_log.h"
#include "ledger/log/hash_tiles.h"
#include "ledger/values/time.h"

namespace runledger {

struct SignedCheckpoint {
  TreeHead tree;
  std::string note;
  NoteVerifier verifier;  // Of the key that signed.
  Time signed_at = {};    // By the machine's clock; not when witnesses have cosigned it.
};

// Signs a checkpoint when it is made, then whenever events have come, at most once in each interval, and when it is
// destroyed. It has a thread of its own and is off the path of appends. What it signs is durable, and extends
// everything that was signed before. Any thread may use it.
class CheckpointKeeper {
 public:
  // Functions that are called on the keeper's thread, or by the destructor. All of them must be set; none may throw.
  struct Listener {
    std::function<void(const SignedCheckpoint& newest)> signed_one;
    // Signing failed; it is tried again after the interval.
    std::function<void(std::string_view code, std::string_view what)> failed;
    // Called once at most: the ledger is damaged, or does not extend what was signed before. Nothing more is signed.
    std::function<void(std::string_view code, std::string_view what)> stopped;
  };

  struct Options {
    std::chrono::milliseconds every{0};
    // How long the destructor waits for another process that uses the key, and hashes events that have no hashes yet.
    std::chrono::milliseconds at_end_max{5'000};
  };

  // `log` is not owned and must outlive the keeper. Throws as read_audit_key() does.
  CheckpointKeeper(const EventLog& log, Options options, Listener listener);
  // Signs what has come since the last checkpoint, unless that takes too long. Requires that nothing is appended any
  // more.
  ~CheckpointKeeper();
  CheckpointKeeper(const CheckpointKeeper&) = delete;
  CheckpointKeeper& operator=(const CheckpointKeeper&) = delete;

  // The checkpoint that it signed last; absent before the first.
  [[nodiscard]] std::optional<SignedCheckpoint> newest() const;
  // Whether it has stopped for good.
  [[nodiscard]] bool stopped() const;

 private:
  enum class Attempt { kDone, kKeyInUse, kInterrupted };

  void keep(const std::stop_token& stop);
  void sign_the_rest();
  [[nodiscard]] Attempt sign(const HashTiles::Interrupted& interrupted);
  [[nodiscard]] Attempt try_to_sign(const HashTiles::Interrupted& interrupted);
  void stop_by(std::string_view code, std::string_view what);
  [[nodiscard]] Sequence covered() const;

  const EventLog& log_;
  const Options options_;
  const Listener listener_;
  mutable Mutex mutex_;
  std::optional<SignedCheckpoint> newest_ RUNLEDGER_GUARDED_BY(mutex_);
  bool stopped_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // Last, so that it ends before the members that it uses are destroyed.
};

}  // namespace runledger
