// Wakes what waits on the event loop for the log to grow. For tools/daemon/rpc_*.cc alone.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <stop_token>
#include <thread>
#include <vector>

#include "ledger/base/mutex.h"
#include "ledger/log/event_log.h"

namespace runledger {

// Of the event loop's thread, where it is made, used and destroyed. A thread of its own waits for the log, and costs
// the event loop nothing while nobody waits there.
class RpcLogWatch {
 public:
  // `log` is not owned and must outlive it.
  explicit RpcLogWatch(const EventLog& log);
  RpcLogWatch(const RpcLogWatch&) = delete;
  RpcLogWatch& operator=(const RpcLogWatch&) = delete;

  // The last event, as the log itself counts.
  [[nodiscard]] Sequence last() const { return log_.last(); }
  // Once there is one after `after`.
  [[nodiscard]] kj::Promise<void> past(Sequence after);

 private:
  void watch(const std::stop_token& stop);
  void arm();
  void wake_all();

  const EventLog& log_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // Some of them may have gone.
  std::size_t looked_after_at_ = 0;                           // How many there were, when those were last taken out.
  kj::Promise<void> armed_ = kj::READY_NOW;                   // Wakes them.

  Mutex mutex_;
  kj::Maybe<kj::Own<kj::CrossThreadPromiseFulfiller<void>>> grown_
      RUNLEDGER_GUARDED_BY(mutex_);  // Absent: nobody waits.
  std::jthread thread_;              // Ends before what it uses.
};

}  // namespace runledger
