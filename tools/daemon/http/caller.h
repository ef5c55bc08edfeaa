// The caller of one HTTP request, and what is withdrawn when the caller stops waiting.
#pragma once

#include <utility>

#include "ledger/base/mutex.h"
#include "ledger/base/waiting.h"

namespace runledger {

// Connects the connection, which notices that a caller is gone, with the claim or other wait on its behalf. Any thread
// may use it.
class HttpCaller {
 public:
  // Keeps a wait until go() withdraws it, or withdraws it immediately if go() was called already.
  void wait_with(Waiting waiting) {
    const MutexLock lock(mutex_);
    if (!gone_) waiting_ = std::move(waiting);
  }
  // The caller will not read an answer, or the server has no time left to wait for one. May be called again.
  void go() {
    Waiting withdrawn;
    const MutexLock lock(mutex_);
    gone_ = true;
    withdrawn = std::move(waiting_);
  }

 private:
  Mutex mutex_;
  bool gone_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  Waiting waiting_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace runledger
