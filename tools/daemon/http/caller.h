// Whoever waits for the answer to a request, and what is withdrawn when they no longer do.
#pragma once

#include <mutex>
#include <utility>

#include "jobs/dispatch/claims.h"

namespace runledger {

// Any thread may use it.
class HttpCaller {
 public:
  // Withdrawn when the caller goes, and at once where it has gone already.
  void wait_with(Claims::Waiting waiting) {
    const std::lock_guard lock(mutex_);
    if (!gone_) waiting_ = std::move(waiting);
  }
  // Nobody will take an answer, or there is no time to wait for one.
  void go() {
    Claims::Waiting withdrawn;
    const std::lock_guard lock(mutex_);
    gone_ = true;
    withdrawn = std::move(waiting_);
  }

 private:
  std::mutex mutex_;  // Guards both.
  bool gone_ = false;
  Claims::Waiting waiting_;
};

}  // namespace runledger
