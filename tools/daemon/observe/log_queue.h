// A queue of lines for a log, written by a thread of its own: a thread that logs never waits for the log's reader.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace runledger {

// Any thread may use it. Lines wait in memory while the descriptor has no room. When more than kLinesMax wait, the
// queue drops the oldest. Lines are written whole and in their order; a line that cannot be written is lost without a
// report.
class LogQueue {
 public:
  static constexpr std::size_t kLinesMax = 4096;
  static constexpr std::chrono::milliseconds kDrainTimeMax{2'000};

  // `descriptor` is not owned and must stay open until the queue is destroyed. Other processes may share it; the queue
  // does not change its flags.
  explicit LogQueue(int descriptor, std::chrono::milliseconds drain_time_max = kDrainTimeMax);
  // Waits until the waiting lines are written, for up to `drain_time_max`, and drops the rest. If the descriptor has no
  // room, it takes a few hundred milliseconds more to stop the thread.
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // Queues a line, which must include its line end. Does not wait.
  void add(std::string line);

 private:
  struct Impl;

  const std::chrono::milliseconds drain_time_max_;
  std::shared_ptr<Impl> impl_;
};

}  // namespace runledger
