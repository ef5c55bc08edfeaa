// Waits on a condition variable that is never notified, so that only a stop ends the wait early.
#include "ledger/base/retry.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace runledger {

std::chrono::milliseconds jittered(std::chrono::milliseconds delay, std::minstd_rand& random) {
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(delay.count() / 2, delay.count())(random));
}

bool wait_unless_stopped(const std::stop_token& stop, std::chrono::milliseconds delay) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  static_cast<void>(never.wait_for(lock, stop, delay, [] { return false; }));
  return !stop.stop_requested();
}

}  // namespace runledger
