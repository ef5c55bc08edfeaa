// How runs of a type are tried, kept alive and deduplicated.
#pragma once

#include <chrono>
#include <cstdint>

#include "ledger/base/retry.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"

namespace runledger {

// Where a run stands. Active means queued or running.
enum class RunStatus : std::uint8_t { kQueued, kRunning, kCompleted };

// How a run ended; pending until it has.
enum class RunOutcome : std::uint8_t { kPending, kSucceeded, kPartiallySucceeded, kBlocked, kFailed, kCancelled };

// A set of outcomes, as bits; empty means "any".
struct OutcomeSet {
  std::uint8_t bits = 0;
  [[nodiscard]] bool contains(RunOutcome outcome) const {
    return bits == 0 || ((bits >> static_cast<unsigned>(outcome)) & 1U) != 0;
  }
  void insert(RunOutcome outcome) { bits = static_cast<std::uint8_t>(bits | (1U << static_cast<unsigned>(outcome))); }
  friend bool operator==(const OutcomeSet&, const OutcomeSet&) = default;
};

// Delay before attempt n + 1, after attempt n failed: initial * 2^(n-1), at most `max`.
struct Backoff {
  Duration initial = std::chrono::seconds(30);
  Duration max = std::chrono::minutes(15);
  friend bool operator==(const Backoff&, const Backoff&) = default;

  [[nodiscard]] Duration after(AttemptNumber attempt) const {
    return doubled(initial, max, attempt.value == 0 ? 0 : attempt.value - 1);
  }
};

enum class CooldownFrom : std::uint8_t { kCompletion, kRequest };

// For how long after a run another request of its identity is answered with that run.
struct Cooldown {
  Duration length = std::chrono::minutes(15);  // Zero: none.
  CooldownFrom from = CooldownFrom::kCompletion;
  OutcomeSet after;  // Outcomes that it follows; empty: any.
  friend bool operator==(const Cooldown&, const Cooldown&) = default;
};

// The rules of one run, fixed when it is requested.
struct Policy {
  std::uint32_t max_attempts = 3;  // 1 to kAttemptsMax.
  Backoff backoff;
  Duration lease = std::chrono::seconds(60);
  Cooldown cooldown;
  friend bool operator==(const Policy&, const Policy&) = default;

  static constexpr std::uint32_t kAttemptsMax = 1000;
};

}  // namespace runledger
