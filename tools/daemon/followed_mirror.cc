// Waits for Postgres, then follows the log until the daemon stops, the mirror fails, or a caller wants it rebuilt.
#include "tools/daemon/followed_mirror.h"

#include <chrono>
#include <semaphore>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

// How long one try to reach Postgres may take: a stop that is requested during the wait is noticed after this time.
constexpr auto kLookForStopEvery = std::chrono::milliseconds(500);
// How long a rebuild tries to reach Postgres, as the command line does.
constexpr auto kRebuildTimeout = std::chrono::seconds(10);

// A stop that comes with the daemon's, or with a request for a rebuild.
class StopOrRequest {
 public:
  StopOrRequest(const std::stop_token& stop, MirrorRebuilds& rebuilds)
      : rebuilds_(rebuilds), on_stop_(stop, [this] { wake(); }) {
    rebuilds_.wake_by([this] { wake(); });
  }
  ~StopOrRequest() { rebuilds_.wake_by({}); }
  StopOrRequest(const StopOrRequest&) = delete;
  StopOrRequest& operator=(const StopOrRequest&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  void wait() { woken_.acquire(); }

 private:
  void wake() {
    source_.request_stop();
    woken_.release();
  }

  std::stop_source source_;
  std::counting_semaphore<> woken_{0};
  MirrorRebuilds& rebuilds_;
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace

FollowedMirror::FollowedMirror(EventLog& log, const MirrorOptions& options, MirrorRebuilds& rebuilds, Listener listener)
    : mirror_(log, options, std::move(listener.advanced)), rebuilds_(rebuilds), listener_(std::move(listener)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
}

void FollowedMirror::keep(const std::stop_token& stop) {
  name_thread("mirror");
  while (!stop.stop_requested()) {
    StopOrRequest until(stop, rebuilds_);
    if (!stopped_) follow(until.token());
    until.wait();
    if (const std::optional<MirrorRebuilds::Request> request = rebuilds_.take()) answer(*request, stop);
  }
}

// Returns when `until` is requested, or when the mirror has stopped.
void FollowedMirror::follow(const std::stop_token& until) {
  try {
    if (opened(until)) mirror_.follow(until);
  } catch (const Failure& failure) {
    note_stopped(failure.code(), failure.what());
  } catch (const std::exception& error) {
    note_stopped("internal", error.what());
  }
}

void FollowedMirror::note_stopped(std::string_view code, std::string_view what) {
  stopped_ = true;
  is_announced_ = false;
  listener_.stopped(code, what);
}

// Returns false when `until` was requested before Postgres was reached.
bool FollowedMirror::opened(const std::stop_token& until) {
  while (!is_open_ && !until.stop_requested()) {
    try {
      open(kLookForStopEvery);
    } catch (const Failure& failure) {
      if (failure.code() != "mirror.unreachable") throw;
      if (!reported_unreachable_) listener_.unreachable(failure.code(), failure.what());
      reported_unreachable_ = true;
    }
  }
  return is_open_;
}

// Either the thread that waits for Postgres or a rebuild is the first to reach it.
void FollowedMirror::open(std::chrono::milliseconds timeout) {
  mirror_.open(timeout);
  is_open_ = true;
  if (!stopped_) announce();
}

void FollowedMirror::announce() {
  if (!std::exchange(is_announced_, true)) listener_.opened(mirror_.schema());
}

void FollowedMirror::answer(const MirrorRebuilds::Request& request, const std::stop_token& stop) {
  const Result<RebuiltMirror> rebuilt = rebuild(request.dry_run, stop);
  if (rebuilt && !request.dry_run && stopped_) {
    stopped_ = false;
    announce();
  }
  rebuilds_.finish();
  request.complete(rebuilt);
}

Result<RebuiltMirror> FollowedMirror::rebuild(bool dry_run, const std::stop_token& stop) {
  const Progress until_stopped = [&](std::uint64_t, std::uint64_t) {
    if (stop.stop_requested() || rebuilds_.closed())
      throw Failure(Remedy::kRetryLater, "mirror.stopped", "the mirror: expected time to rebuild it, found a stop");
  };
  try {
    // A mirror that has stopped may never have been opened, or have lost what it was opened with.
    if (!is_open_ || stopped_) open(kRebuildTimeout);
    const MirrorRebuildReport report = mirror_.rebuild(dry_run, until_stopped);
    return RebuiltMirror{mirror_.schema(), report};
  } catch (const Failure& failure) {
    return reject(std::string(failure.code()), failure.what());
  } catch (const std::exception& error) {
    return reject("internal", error.what());
  }
}

}  // namespace runledger
