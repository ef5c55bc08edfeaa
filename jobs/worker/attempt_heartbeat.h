// Keeps an attempt alive while its job runs.
#pragma once

#include <functional>
#include <thread>

#include "ledger/base/mutex.h"
#include "ledger/client.h"

namespace runledger {

// An attempt that this worker has started and may report on.
struct HeldAttempt {
  RunId run;
  AttemptRef ref;
  Duration lease{};  // The length at the start; each answer to a heartbeat may carry a new one.
};

// Owns a thread that sends heartbeats: the first after at most one second, the others every third of the lease, and at
// most 30 seconds apart so that the worker soon notices a cancelled run. While the ledger cannot be reached the thread
// keeps trying, because no other worker can take the run during that time either.
class AttemptHeartbeat {
 public:
  using Lost = std::function<void(const Rejection&)>;

  // `client` is not owned and must outlive this object. `lost` is called at most once, on this object's thread, when
  // the ledger answers that this worker no longer holds the attempt; no heartbeat follows it.
  AttemptHeartbeat(LedgerClient& client, const HeldAttempt& attempt, Lost lost);
  ~AttemptHeartbeat();  // Stops, after the answer to a heartbeat that has already been sent.
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
