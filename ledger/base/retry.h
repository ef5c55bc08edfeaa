// Delays between tries, which double up to a limit, and a wait that a stop request cuts short.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <stop_token>

namespace runledger {

// Returns `first` doubled `doublings` times, but at most `max`. From 32 doublings on it is always `max`, except that
// zero stays zero.
template <class Delay>
[[nodiscard]] constexpr Delay doubled(Delay first, Delay max, unsigned doublings) {
  if (first.count() == 0) return std::min(first, max);
  if (doublings >= 32 || first.count() > (max.count() >> doublings)) return max;
  return Delay{first.count() << doublings};
}

// How long to wait between two tries.
struct RetryDelays {
  std::chrono::milliseconds first{};  // After the first try.
  std::chrono::milliseconds max{};

  // The delay after `tries` failed tries, 1 or more.
  [[nodiscard]] constexpr std::chrono::milliseconds after(unsigned tries) const {
    return doubled(first, max, tries == 0 ? 0 : tries - 1);
  }
};

// Returns a random time between half of the delay and all of it, so that callers that failed together do not retry in
// step.
[[nodiscard]] std::chrono::milliseconds jittered(std::chrono::milliseconds delay, std::minstd_rand& random);

// Waits for the whole delay and returns true, or returns false as soon as a stop is requested.
[[nodiscard]] bool wait_unless_stopped(const std::stop_token& stop, std::chrono::milliseconds delay);

}  // namespace runledger
