// Lines on their way to standard error, written by a thread of its own: whoever logs never waits for who reads.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace runledger {

// Any thread may use it. A line that nobody takes waits here; where there are more than kLinesMax, the oldest goes.
class LogQueue {
 public:
  static constexpr std::size_t kLinesMax = 4096;
  static constexpr std::chrono::milliseconds kFarewell{2'000};

  // `descriptor` is not owned, must stay open, and may be one that other processes share.
  explicit LogQueue(int descriptor);
  // Gives what waits kFarewell to be taken.
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // With its line end.
  void add(std::string line);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace runledger
