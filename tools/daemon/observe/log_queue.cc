// A queue of lines and a thread that writes to the descriptor only while the descriptor has room.
//
// add() puts a line at the end of `lines` and returns; over the limit it drops the oldest line. One thread runs
// Impl::run(): it takes a line, releases the mutex, and writes it. The lock is never held during a write, so a caller
// of add() never waits for the reader of the log.
//
// The descriptor is usually standard error, which may be a pipe that other processes share. Making it non-blocking
// would change it for them as well, so the thread polls for POLLOUT instead and then writes at most PIPE_BUF bytes, for
// which a pipe that is ready has room. It polls for 100 ms at a time, and then checks whether it must stop.
//
// The destructor sets `stopping`, waits up to `drain_time_max` until all lines are written, and then sets `stopped`,
// which makes the thread give up. It waits a little longer for the thread to end, so that the thread does not write to
// another file that later gets the same descriptor number. The thread is detached and shares Impl by shared_ptr,
// because one case remains: another process fills the shared pipe between poll() and write(). Then write() blocks for
// an unknown time, and a destructor that joined the thread would never return.
#include "tools/daemon/observe/log_queue.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <string_view>
#include <thread>
#include <utility>

namespace runledger {
namespace {

constexpr int kLookForStopEvery = 100;  // Milliseconds.
constexpr std::chrono::milliseconds kStopIsSeenWithin{3 * kLookForStopEvery};

}  // namespace

// Shared by the queue and its thread, which may outlive the queue.
struct LogQueue::Impl {
  const int descriptor;
  Mutex mutex;
  Condition changed;
  std::deque<std::string> lines RUNLEDGER_GUARDED_BY(mutex);
  bool is_writing RUNLEDGER_GUARDED_BY(mutex) = false;
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;   // The thread still writes the waiting lines, and then ends.
  bool stopped RUNLEDGER_GUARDED_BY(mutex) = false;    // The time is over: the thread drops the rest.
  bool has_ended RUNLEDGER_GUARDED_BY(mutex) = false;  // The thread no longer uses the descriptor.

  explicit Impl(int of) : descriptor(of) {}

  void run();
  void write(std::string_view text);
  [[nodiscard]] bool wait_for_room();
};

void LogQueue::Impl::run() {
  name_thread("log-writer");
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

// Returns false when the descriptor will have no room any more: it is broken, or the queue has stopped.
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

// A pipe that is ready for writing takes PIPE_BUF bytes without blocking. A failed write is ignored: a log that cannot
// be written has no place to say so.
void LogQueue::Impl::write(std::string_view text) {
  while (!text.empty() && wait_for_room()) {
    const ssize_t count = ::write(descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (count < 0 && errno != EINTR && errno != EAGAIN) return;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
}

LogQueue::LogQueue(int descriptor, std::chrono::milliseconds drain_time_max)
    : drain_time_max_(drain_time_max), impl_(std::make_shared<Impl>(descriptor)) {
  std::thread([impl = impl_] { impl->run(); }).detach();
}

LogQueue::~LogQueue() {
  MutexLock lock(impl_->mutex);
  impl_->stopping = true;
  impl_->changed.notify_all();
  const auto last_line_by = std::chrono::steady_clock::now() + drain_time_max_;
  while ((!impl_->lines.empty() || impl_->is_writing) && impl_->changed.wait_until(lock, last_line_by)) continue;
  impl_->stopped = true;
  // Wait for the thread, so that it cannot write to another file under the same number; it may be stuck in a write.
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
