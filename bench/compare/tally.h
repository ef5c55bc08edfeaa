// What callers in a closed loop were answered, and how long each answer took.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace runledger::compare {

using Clock = std::chrono::steady_clock;

// Counts the answers between the end of a warm-up and the end of the measurement. Used by one thread at a time.
class Tally {
 public:
  Tally(std::chrono::milliseconds warm_up, std::chrono::milliseconds measured);

  // Whether callers may begin another call.
  [[nodiscard]] bool open() const { return Clock::now() < end_; }
  // A call for `transitions` transitions, sent at `sent`, has just been answered.
  void answered(Clock::time_point sent, std::size_t transitions);

  // Returns a JSON object: transitions a second, the median and the 99th percentile of a call in microseconds, and the
  // microseconds of processor time that this process spent on a transition.
  [[nodiscard]] std::string json() const;

 private:
  Clock::time_point begin_;
  Clock::time_point end_;
  std::uint64_t transitions_ = 0;
  std::vector<std::uint32_t> latencies_us_;
  // Processor time of the process, in seconds, at the first and at the last answer that counted.
  double processor_begin_ = 0;
  double processor_end_ = 0;
  Clock::time_point first_;
  Clock::time_point last_;
};

}  // namespace runledger::compare
