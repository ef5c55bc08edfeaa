// Keeps an attempt alive for as long as it is worked on.
#pragma once

#include <functional>
#include <thread>

#include "ledger/base/mutex.h"
#include "ledger/client.h"

namespace runledger {

// An attempt in the hands of a worker.
struct HeldAttempt {
  RunId run;
  AttemptRef ref;
  Duration lease{};  // As far as the worker knows; each answer to a heartbeat tells it anew.
};

// A thread that sends a heartbeat every third of the lease, the first one after a second, and at least every half a
// minute, so that a cancelled run is noticed. While the ledger cannot be reached it keeps trying: nobody else can take
// the run then either.
class AttemptHeartbeat {
 public:
  using Lost = std::function<void(const Rejection&)>;

  // `client` is not owned. `lost` is called at most once, on this object's thread, when the ledger answers that the
  // attempt is no longer this worker's; no heartbeat follows.
  AttemptHeartbeat(LedgerClient& client, const HeldAttempt& attempt, Lost lost);
  ~AttemptHeartbeat();  // Waits for the answer to a heartbeat that is on its way.
  AttemptHeartbeat(const AttemptHeartbeat&) = delete;
  AttemptHeartbeat& operator=(const AttemptHeartbeat&) = delete;

 private:
  void beat();
  bool wait_for(Duration delay);

  LedgerClient& client_;
  const HeldAttempt attempt_;
  const Lost lost_;
  Mutex mutex_;
  Condition stopping_changed_;
  bool stopping_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace runledger
