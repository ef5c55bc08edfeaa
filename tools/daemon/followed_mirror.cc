// Waits for Postgres, then follows the log until the daemon stops or the mirror fails for good.
#include "tools/daemon/followed_mirror.h"

#include <chrono>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

// How long one try to reach Postgres may take: a stop that is requested during the wait is noticed after this time.
constexpr auto kLookForStopEvery = std::chrono::milliseconds(500);

}  // namespace

FollowedMirror::FollowedMirror(EventLog& log, const MirrorOptions& options, Listener listener)
    : mirror_(log, options, std::move(listener.advanced)), listener_(std::move(listener)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { follow(stop); });
}

void FollowedMirror::follow(const std::stop_token& stop) {
  name_thread("mirror");
  try {
    if (opened(stop)) mirror_.follow(stop);
  } catch (const Failure& failure) {
    stopped_ = true;
    listener_.stopped(failure.code(), failure.what());
  } catch (const std::exception& error) {
    stopped_ = true;
    listener_.stopped("internal", error.what());
  }
}

// Returns false when a stop was requested before Postgres was reached.
bool FollowedMirror::opened(const std::stop_token& stop) {
  bool reported = false;
  while (!stop.stop_requested()) {
    try {
      mirror_.open(kLookForStopEvery);
      listener_.opened(mirror_.schema());
      return true;
    } catch (const Failure& failure) {
      if (failure.code() != "mirror.unreachable") throw;
      if (!reported) listener_.unreachable(failure.code(), failure.what());
      reported = true;
    }
  }
  return false;
}

}  // namespace runledger
