// One cross-thread promise wakes all waiting callers together; a new one is made when the next caller waits.
#include "tools/daemon/rpc/log_watch.h"

#include <utility>

#include "ledger/base/thread_name.h"
#include "ledger/log/tail.h"

namespace runledger {

RpcLogWatch::RpcLogWatch(const EventLog& log)
    // The position is read before the thread starts: an event that is appended until then must wake its callers, too.
    : log_(log), thread_([this, from = log.last()](const std::stop_token& stop) { watch(from, stop); }) {}

kj::Promise<void> RpcLogWatch::past(Sequence after) {
  auto pair = kj::newPromiseAndFulfiller<void>();
  if (waiting_.empty()) arm();
  // Checked after arming, because an event that was appended before does not wake any caller.
  if (log_.last() > after) return kj::READY_NOW;
  if (waiting_.size() > 2 * cleaned_up_at_) {
    std::erase_if(waiting_, [](auto& each) { return !each->isWaiting(); });
    cleaned_up_at_ = waiting_.size();
  }
  waiting_.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

void RpcLogWatch::arm() {
  auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
  {
    const MutexLock lock(mutex_);
    grown_ = kj::mv(pair.fulfiller);
  }
  armed_ = pair.promise.then([this] { wake_all(); }).eagerlyEvaluate(nullptr);
}

// Fulfilling the promise of a caller that no longer waits has no effect.
void RpcLogWatch::wake_all() {
  for (auto& each : std::exchange(waiting_, {})) each->fulfill();
}

void RpcLogWatch::watch(Sequence from, const std::stop_token& stop) {
  name_thread("rpc-log-watch");
  follow_log(log_, from, stop, [this](Sequence last) {
    const MutexLock lock(mutex_);
    KJ_IF_MAYBE (grown, grown_) {
      (*grown)->fulfill();
      grown_ = nullptr;
    }
    return last;
  });
}

}  // namespace runledger
