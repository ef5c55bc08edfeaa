// Keeps every latency, since a measurement has a few hundred thousand at most.
#include "bench/compare/tally.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

namespace runledger::compare {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Returns 0 for no latencies.
std::uint32_t percentile(std::vector<std::uint32_t> latencies, double part) {
  if (latencies.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(latencies.size() - 1));
  std::nth_element(latencies.begin(), latencies.begin() + at, latencies.end());
  return latencies[static_cast<std::size_t>(at)];
}

}  // namespace

Tally::Tally(std::chrono::milliseconds warm_up, std::chrono::milliseconds measured)
    : begin_(Clock::now() + warm_up), end_(begin_ + measured) {}

void Tally::answered(Clock::time_point sent, std::size_t transitions) {
  const Clock::time_point now = Clock::now();
  if (now < begin_ || now >= end_) return;
  if (latencies_us_.empty()) {
    processor_begin_ = processor_seconds();
    first_ = now;
  }
  transitions_ += transitions;
  latencies_us_.push_back(
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(now - sent).count()));
  processor_end_ = processor_seconds();
  last_ = now;
}

std::string Tally::json() const {
  const double took = std::chrono::duration<double>(last_ - first_).count();
  const auto count = static_cast<double>(transitions_);
  return fmt::format(R"({{"transitions_per_second":{:.0f},"p50_us":{},"p99_us":{},"caller_processor_us":{:.1f}}})",
                     took > 0 ? count / took : 0, percentile(latencies_us_, 0.5), percentile(latencies_us_, 0.99),
                     count > 0 ? (processor_end_ - processor_begin_) * 1e6 / count : 0);
}

}  // namespace runledger::compare
