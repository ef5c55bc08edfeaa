// The policy by which runs of a type are retried, kept alive and deduplicated. Everything here is a value.
#pragma once

#include <chrono>
#include <cstdint>

#include "ledger/base/enum_words.h"
#include "ledger/base/retry.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"

namespace runledger {

// The status of a run. A run is active when it is queued or running.
enum class RunStatus : std::uint8_t { kQueued, kRunning, kCompleted };
template <>
inline constexpr auto kEnumWords<RunStatus> = enum_words<RunStatus>({{RunStatus::kQueued, "queued"},
                                                                     {RunStatus::kRunning, "running"},
                                                                     {RunStatus::kCompleted, "completed"}});

// How a run ended; kPending until it is completed.
enum class RunOutcome : std::uint8_t { kPending, kSucceeded, kPartiallySucceeded, kBlocked, kFailed, kCancelled };
template <>
inline constexpr auto kEnumWords<RunOutcome> = enum_words<RunOutcome>({
    {RunOutcome::kPending, "pending"},
    {RunOutcome::kSucceeded, "succeeded"},
    {RunOutcome::kPartiallySucceeded, "partially_succeeded"},
    {RunOutcome::kBlocked, "blocked"},
    {RunOutcome::kFailed, "failed"},
    {RunOutcome::kCancelled, "cancelled"},
});

// A set of outcomes, as bits. The empty set stands for every outcome.
struct OutcomeSet {
  std::uint8_t bits = 0;
  [[nodiscard]] bool contains(RunOutcome outcome) const {
    return bits == 0 || ((bits >> static_cast<unsigned>(outcome)) & 1U) != 0;
  }
  void insert(RunOutcome outcome) { bits = static_cast<std::uint8_t>(bits | (1U << static_cast<unsigned>(outcome))); }
  friend bool operator==(const OutcomeSet&, const OutcomeSet&) = default;
};

// The delay before attempt n + 1 after attempt n failed: initial * 2^(n-1), at most `max`.
struct Backoff {
  Duration initial = std::chrono::seconds(30);
  Duration max = std::chrono::minutes(15);
  friend bool operator==(const Backoff&, const Backoff&) = default;

  [[nodiscard]] Duration after(AttemptNumber attempt) const {
    return doubled(initial, max, attempt.value == 0 ? 0 : attempt.value - 1);
  }
};

// The time from which a cooldown counts: the run's completion or its request.
enum class CooldownFrom : std::uint8_t { kCompletion, kRequest };
template <>
inline constexpr auto kEnumWords<CooldownFrom> = enum_words<CooldownFrom>({{CooldownFrom::kCompletion, "completion"},
                                                                           {CooldownFrom::kRequest, "request"}});

// How long after a run another request with its identity is answered with that run.
struct Cooldown {
  Duration length = std::chrono::minutes(15);  // Zero for no cooldown.
  CooldownFrom from = CooldownFrom::kCompletion;
  OutcomeSet after;  // The outcomes that start it; any when empty.
  friend bool operator==(const Cooldown&, const Cooldown&) = default;
};

// The rules of one run, fixed when it is requested.
struct Policy {
  std::uint32_t max_attempts = 3;  // 1 to kAttemptsMax.
  Backoff backoff;
  Duration lease = std::chrono::seconds(60);  // How long an attempt lives after its start or last heartbeat.
  Cooldown cooldown;
  friend bool operator==(const Policy&, const Policy&) = default;

  static constexpr std::uint32_t kAttemptsMax = 1000;
};

}  // namespace runledger
