// Why a request or a start is not carried out, and when that was noticed. Stored events never change their meaning.
#pragma once

#include <cstdint>

#include "ledger/base/enum_words.h"

namespace runledger {

// Why a request or a start was answered with an existing run or attempt.
enum class DedupeRule : std::uint8_t {
  kActiveRun,
  kCooldown,
  kSameRun,
  kAttemptActive,
  kRunCompleted,
  kNotCanonical,
  kNotDue,
};
template <>
inline constexpr auto kEnumWords<DedupeRule> = enum_words<DedupeRule>({
    {DedupeRule::kActiveRun, "active_run"},
    {DedupeRule::kCooldown, "cooldown"},
    {DedupeRule::kSameRun, "same_run"},
    {DedupeRule::kAttemptActive, "attempt_active"},
    {DedupeRule::kRunCompleted, "run_completed"},
    {DedupeRule::kNotCanonical, "not_canonical"},
    {DedupeRule::kNotDue, "not_due"},
});

// When a duplicate was noticed: at a request for a run, or at a worker's start.
enum class DedupeStage : std::uint8_t { kDispatch, kExecute };
template <>
inline constexpr auto kEnumWords<DedupeStage> = enum_words<DedupeStage>({{DedupeStage::kDispatch, "dispatch"},
                                                                         {DedupeStage::kExecute, "execute"}});

}  // namespace runledger
