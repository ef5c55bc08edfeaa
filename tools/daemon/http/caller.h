// Whoever waits for the answer to a request, and what is withdrawn when they no longer do.
#pragma once

#include <utility>

#include "jobs/dispatch/claims.h"
#include "ledger/base/mutex.h"

namespace runledger {

// Any thread may use it.
class HttpCaller {
 public:
  // Withdrawn when the caller goes, and at once where it has gone already.
  void wait_with(Claims::Waiting waiting) {
    const MutexLock lock(mutex_);
    if (!gone_) waiting_ = std::move(waiting);
  }
  // Nobody will take an answer, or there is no time to wait for one.
  void go() {
    Claims::Waiting withdrawn;
    const MutexLock lock(mutex_);
    gone_ = true;
    withdrawn = std::move(waiting_);
  }

 private:
  Mutex mutex_;
  bool gone_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  Claims::Waiting waiting_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace runledger
