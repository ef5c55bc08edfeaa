// The mirror in Postgres as sessions see it: callers that wait until it has an event, or want it rebuilt.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "ledger/base/waiting.h"
#include "ledger/values/rejection.h"
#include "ledger/values/sequence.h"
#include "tools/daemon/access/mirror_rebuilds.h"

namespace runledger {

// A thread of this object answers the callers. Any thread may call any function. The transports limit how many wait:
// each waiting caller holds a connection.
class MirrorWaits {
 public:
  static constexpr std::chrono::seconds kWaitMax{60};
  static constexpr std::chrono::milliseconds kDeniedEvery{500};  // See Wait::deny.

  struct Wait {
    Sequence position;  // In the log.
    std::chrono::milliseconds time{};
    // Asked every kDeniedEvery, on the thread of this object: what it returns ends the wait. May be empty.
    std::function<std::optional<Rejection>()> deny = {};
  };
  // Gets nullopt when the mirror has the event. Must neither wait nor throw.
  using Completion = std::function<void(const std::optional<Rejection>& refused)>;

  MirrorWaits();
  ~MirrorWaits();  // Answers callers that still wait.
  MirrorWaits(const MirrorWaits&) = delete;
  MirrorWaits& operator=(const MirrorWaits&) = delete;

  // Calls `complete` exactly once: immediately, on the calling thread, when the answer is known, and otherwise on the
  // thread of this object, or on the one that withdraws the wait. Codes: "mirror.behind" when the time has passed or
  // the caller has withdrawn, "mirror.stopped", and what `deny` returns.
  [[nodiscard]] Waiting wait(Wait wait, Completion complete);

  // The mirror has the events up to `checkpoint`; less than before when another server took over that lacks the last.
  void advanced(Sequence checkpoint);
  // The mirror follows the log no longer. The next advanced() says that it does again.
  void stopped();

  [[nodiscard]] MirrorRebuilds& rebuilds() { return rebuilds_; }

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
  MirrorRebuilds rebuilds_;
};

}  // namespace runledger
