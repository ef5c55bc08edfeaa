// Counts of what one commit of the sequencer did, for metrics.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "ledger/rules/command.h"

namespace runledger {

struct AppendBatch;

struct CommitReport {
  static constexpr std::size_t kVerdicts = static_cast<std::size_t>(Verdict::kCancelled) + 1;
  static constexpr std::size_t kRules = static_cast<std::size_t>(DedupeRule::kNotDue) + 1;

  std::size_t events = 0;           // Events made durable.
  std::size_t lost_attempts = 0;    // Of those, how many record a lost attempt.
  std::size_t answers = 0;          // Commands answered, in whatever way. See count() for internal commands.
  std::chrono::nanoseconds took{};  // From the first decision until everything was durable.
  bool wrote = false;               // False: there was nothing to write, so `took` contains no disk access.

  // The answers by kind. Each answer is counted in exactly one of these.
  std::uint32_t repeated = 0;  // Replies that had been given before.
  // The other replies, by verdict and rule. The last element of each row counts replies without a rule.
  std::array<std::array<std::uint32_t, kRules + 1>, kVerdicts> replies{};
  std::uint32_t rejections = 0;
  std::uint32_t unknown = 0;

  // Adds an answer. A command of the program itself (Submission::is_internal) is counted only if it had an effect.
  void count(const Answer& answer, bool is_internal);
  // Adds the events of a batch that was written.
  void count(const AppendBatch& written);
};

}  // namespace runledger
