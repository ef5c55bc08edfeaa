// When heartbeats are sent, and what each answer means for the attempt.
#include "jobs/worker/attempt_heartbeat.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

constexpr Duration kFirstBeatAfterMax = std::chrono::seconds(1);
constexpr Duration kBeatEveryMin = std::chrono::milliseconds(10);
constexpr Duration kBeatEveryMax = std::chrono::seconds(30);

Duration third_of(Duration lease) {
  return std::clamp(lease / 3, kBeatEveryMin, kBeatEveryMax);
}

Answer send(LedgerClient& client, const Heartbeat& heartbeat) {
  try {
    return client.submit(heartbeat, {});
  } catch (const std::exception& error) {  // No error may end the heartbeats while the job is still working.
    return UnknownOutcome{error.what()};
  }
}

// Whether the ledger says that this worker no longer holds the attempt. Other refusals ("overloaded") are temporary.
bool is_end(const Rejection& rejection) {
  return rejection.code.starts_with("attempt.") || rejection.code.starts_with("run.");
}

}  // namespace

AttemptHeartbeat::AttemptHeartbeat(LedgerClient& client, const HeldAttempt& attempt, Lost lost)
    : client_(client), attempt_(attempt), lost_(std::move(lost)), thread_([this] {
        name_thread("heartbeat");
        beat();
      }) {}

AttemptHeartbeat::~AttemptHeartbeat() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_one();
  thread_.join();
}

void AttemptHeartbeat::beat() {
  Duration delay = std::min(third_of(attempt_.lease), kFirstBeatAfterMax);
  while (wait_for(delay)) {
    const Answer answer = send(client_, {.run = attempt_.run, .attempt = attempt_.ref});
    if (const auto* rejection = std::get_if<Rejection>(&answer); rejection != nullptr && is_end(*rejection)) {
      lost_(*rejection);
      return;
    }
    const auto* reply = std::get_if<Reply>(&answer);
    if (reply != nullptr) {
      delay = third_of(reply->retry_after.value_or(attempt_.lease));
    } else {
      // The lease may not have been extended, so the next heartbeat follows soon.
      delay = std::min(delay, kFirstBeatAfterMax);
    }
  }
}

// Returns false when the heartbeat has to stop.
bool AttemptHeartbeat::wait_for(Duration delay) {
  MutexLock lock(mutex_);
  const auto end = std::chrono::steady_clock::now() + delay;
  while (!stopping_ && stopping_changed_.wait_until(lock, end)) continue;
  return !stopping_;
}

}  // namespace runledger
