// Wakes calls that wait on the event loop for the log to grow. Only tools/daemon/rpc/ uses it.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <stop_token>
#include <thread>
#include <vector>

#include "ledger/base/mutex.h"
#include "ledger/log/event_log.h"

namespace runledger {

// Constructed, used and destroyed on the event loop's thread. A thread of its own waits for the log; it does not wake
// the event loop unless a call waits there.
class RpcLogWatch {
 public:
  // `log` is not owned and must outlive the watch.
  explicit RpcLogWatch(const EventLog& log);
  RpcLogWatch(const RpcLogWatch&) = delete;
  RpcLogWatch& operator=(const RpcLogWatch&) = delete;

  // The position of the last event in the log.
  [[nodiscard]] Sequence last() const { return log_.last(); }
  // Is fulfilled once there is an event after `after`; immediately if there is one already.
  [[nodiscard]] kj::Promise<void> past(Sequence after);

 private:
  void watch(Sequence from, const std::stop_token& stop);
  void arm();
  void wake_all();

  const EventLog& log_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // Some may have lost interest.
  std::size_t cleaned_up_at_ = 0;                             // The size of `waiting_` after its last clean-up.
  kj::Promise<void> armed_ = kj::READY_NOW;                   // Calls wake_all() when the log has grown.

  Mutex mutex_;
  kj::Maybe<kj::Own<kj::CrossThreadPromiseFulfiller<void>>> grown_
      RUNLEDGER_GUARDED_BY(mutex_);  // Absent: no call waits.
  std::jthread thread_;              // Last, so that it ends before the members that it uses are destroyed.
};

}  // namespace runledger
