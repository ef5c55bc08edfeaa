// When to try again what did not work: delays that double up to a limit, and a wait that a stop cuts short.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <stop_token>

namespace runledger {

// `first`, doubled so many times, at most `max`. After 32 doublings it is `max` in any case, but zero stays zero.
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

  // After so many tries, 1 or more, none of which worked.
  [[nodiscard]] constexpr std::chrono::milliseconds after(unsigned tries) const {
    return doubled(first, max, tries == 0 ? 0 : tries - 1);
  }
};

// Between half of the delay and all of it, so that many who failed together do not come back in step.
[[nodiscard]] std::chrono::milliseconds jittered(std::chrono::milliseconds delay, std::minstd_rand& random);

// Waits for that long. False: a stop was requested, and cut it short.
[[nodiscard]] bool wait_unless_stopped(const std::stop_token& stop, std::chrono::milliseconds delay);

}  // namespace runledger
