// The queue, and the thread that writes only while there is room.
#include "tools/daemon/observe/log_queue.h"
#include "ledger/base/mutex.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <deque>
#include <string_view>
#include <thread>
#include <utility>

namespace runledger {
namespace {

constexpr int kLookForStopEvery = 100;  // Milliseconds.
constexpr std::chrono::milliseconds kStopIsSeenWithin{3 * kLookForStopEvery};

}  // namespace

// Shared with the thread, which may be left behind: another process that writes to the same pipe may fill it between
// the look and the write.
struct LogQueue::Impl {
  const int descriptor;
  Mutex mutex;
  Condition changed;
  std::deque<std::string> lines RUNLEDGER_GUARDED_BY(mutex);
  bool is_writing RUNLEDGER_GUARDED_BY(mutex) = false;
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;  // What waits is still written, until
  bool stopped RUNLEDGER_GUARDED_BY(mutex) = false;   // there is no more time.
  bool has_ended RUNLEDGER_GUARDED_BY(mutex) = false;

  explicit Impl(int of) : descriptor(of) {}

  void run();
  void write(std::string_view text);
  [[nodiscard]] bool wait_for_room();
};

void LogQueue::Impl::run() {
  MutexLock lock(mutex);
  for (;;) {
    while (!stopping && lines.empty()) changed.wait(lock);
    if (lines.empty() || stopped) break;
    const std::string line = std::move(lines.front());
    lines.pop_front();
    is_writing = true;
    lock.unlock();
    write(line);
    lock.lock();
    is_writing = false;
    changed.notify_all();
  }
  has_ended = true;
  changed.notify_all();
}

// False: there will be none.
bool LogQueue::Impl::wait_for_room() {
  for (;;) {
    pollfd asked{descriptor, POLLOUT, 0};
    const int ready = ::poll(&asked, 1, kLookForStopEvery);
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0) return (asked.revents & POLLOUT) != 0;
    const MutexLock lock(mutex);
    if (stopped) return false;
  }
}

// A pipe that has any room takes PIPE_BUF bytes without blocking. What cannot be written is nobody's fault here.
void LogQueue::Impl::write(std::string_view text) {
  while (!text.empty() && wait_for_room()) {
    const ssize_t count = ::write(descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (count < 0 && errno != EINTR && errno != EAGAIN) return;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
}

LogQueue::LogQueue(int descriptor) : impl_(std::make_shared<Impl>(descriptor)) {
  std::thread([impl = impl_] { impl->run(); }).detach();
}

LogQueue::~LogQueue() {
  MutexLock lock(impl_->mutex);
  impl_->stopping = true;
  impl_->changed.notify_all();
  const auto last_line_by = std::chrono::steady_clock::now() + kFarewell;
  while ((!impl_->lines.empty() || impl_->is_writing) && impl_->changed.wait_until(lock, last_line_by)) continue;
  impl_->stopped = true;
  // So that it does not meet another file under the descriptor's number, unless it is stuck in the write.
  const auto end_by = std::chrono::steady_clock::now() + kStopIsSeenWithin;
  while (!impl_->has_ended && impl_->changed.wait_until(lock, end_by)) continue;
}

void LogQueue::add(std::string line) {
  {
    const MutexLock lock(impl_->mutex);
    if (impl_->lines.size() == kLinesMax) impl_->lines.pop_front();
    impl_->lines.push_back(std::move(line));
  }
  impl_->changed.notify_all();
}

}  // namespace runledger
