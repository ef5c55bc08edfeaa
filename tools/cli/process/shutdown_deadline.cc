// Loops over poll(), which waits for a signal, while signals are watched, and for a wake-up by the owner.
#include "tools/cli/process/shutdown_deadline.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/base/posix_file.h"
#include "ledger/base/thread_name.h"

namespace runledger {

using std::chrono::steady_clock;

ShutdownDeadline::ShutdownDeadline(const PassedSignals& signals, std::function<void()> end)
    : signals_(signals), end_(std::move(end)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_.is_open()) throw_errno_as("signals.failed", "eventfd");
  thread_ = std::thread([this] {
    name_thread("shutdown");
    watch();
  });
}

ShutdownDeadline::~ShutdownDeadline() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
}

void ShutdownDeadline::begin() {
  {
    const MutexLock lock(mutex_);
    if (!deadline_) deadline_ = steady_clock::now() + kTimeout;
  }
  wake();
}

void ShutdownDeadline::set_watching(bool watching) {
  {
    const MutexLock lock(mutex_);
    watching_ = watching;
    deadline_.reset();
  }
  wake();
}

void ShutdownDeadline::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
}

// In the form of a timeout of poll(): milliseconds, or -1 without a deadline. Rounded up, so that poll() never returns
// shortly before the deadline and the loop spins until then.
int ShutdownDeadline::time_left() const {
  if (!deadline_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void ShutdownDeadline::watch() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    std::array<pollfd, 2> polled{{{wake_.get(), POLLIN, 0}, {-1, POLLIN, 0}}};
    // After a signal the descriptor stays readable until another thread takes it, so polling it on would spin.
    if (watching_ && !deadline_) polled[1].fd = signals_.descriptor();
    const int poll_timeout = time_left();
    lock.unlock();
    ::poll(polled.data(), polled.size(), poll_timeout);
    std::uint64_t drained = 0;
    [[maybe_unused]] const ssize_t read = ::read(wake_.get(), &drained, sizeof(drained));
    lock.lock();
    if (stopping_) return;
    if (watching_ && !deadline_ && polled[1].revents != 0) deadline_ = steady_clock::now() + kTimeout;
    // Called with the mutex held, which blocks no thread for long, because end_ does not return.
    if (deadline_ && *deadline_ <= steady_clock::now()) end_();
  }
}

}  // namespace runledger
