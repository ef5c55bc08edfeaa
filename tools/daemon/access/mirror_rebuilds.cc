// One request at a time waits or is under way. Completions are called without the mutex, since they may call this
// object again.
#include "tools/daemon/access/mirror_rebuilds.h"

#include <utility>

namespace runledger {

void MirrorRebuilds::request(Request request) {
  std::optional<Rejection> refused;
  {
    const MutexLock lock(mutex_);
    if (closed_) {
      refused = reject("mirror.stopped", "expected a daemon that keeps its mirror, found it ending");
    } else if (waiting_ || under_way_) {
      refused = reject("mirror.busy", "expected no rebuild under way, found one: ask again when it has ended");
    } else {
      waiting_ = std::move(request);
      if (wake_) wake_();
    }
  }
  if (refused) request.complete(*refused);
}

void MirrorRebuilds::wake_by(std::function<void()> wake) {
  const MutexLock lock(mutex_);
  wake_ = std::move(wake);
  if (wake_ && waiting_) wake_();
}

std::optional<MirrorRebuilds::Request> MirrorRebuilds::take() {
  const MutexLock lock(mutex_);
  std::optional<Request> taken = std::exchange(waiting_, std::nullopt);
  under_way_ = taken.has_value();
  return taken;
}

void MirrorRebuilds::finish() {
  const MutexLock lock(mutex_);
  under_way_ = false;
}

bool MirrorRebuilds::closed() const {
  const MutexLock lock(mutex_);
  return closed_;
}

void MirrorRebuilds::close() {
  std::optional<Request> left;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    wake_ = {};
    left = std::exchange(waiting_, std::nullopt);
  }
  if (left) left->complete(reject("mirror.stopped", "expected a daemon that keeps its mirror, found it ending"));
}

}  // namespace runledger
