// What one commit of the sequencer did, for whoever counts.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "ledger/rules/command.h"

namespace runledger {

struct AppendBatch;

struct CommitReport {
  static constexpr std::size_t kVerdicts = static_cast<std::size_t>(Verdict::kExpired) + 1;
  static constexpr std::size_t kRules = static_cast<std::size_t>(DedupeRule::kNotCanonical) + 1;

  std::size_t events = 0;           // That it made durable,
  std::size_t lost_attempts = 0;    // of which so many tell of an attempt that was lost.
  std::size_t answers = 0;          // Commands that it answered, in whatever way, but the program's own.
  std::chrono::nanoseconds took{};  // From the first decision until all is durable.
  bool wrote = false;               // Else there was nothing to write: it took no disk's time.

  std::uint32_t repeated = 0;  // Of the answers, those that had been given before,
  // and of the others the replies by verdict and rule; behind the rules, those without one.
  std::array<std::array<std::uint32_t, kRules + 1>, kVerdicts> replies{};
  std::uint32_t rejections = 0;
  std::uint32_t unknown = 0;

  void count(const Answer& answer, bool is_internal);
  void count(const AppendBatch& written);
};

}  // namespace runledger
