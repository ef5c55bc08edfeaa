// Has one check for each part of a report. The codes are the same over RPC, over HTTP and in a journal.
#include "ledger/rules/report.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace runledger {

Result<AttemptOutcome> parse_reported_outcome(std::string_view text) {
  const std::optional<AttemptOutcome> outcome = parse_word<AttemptOutcome>(text);
  if (outcome && *outcome != AttemptOutcome::kLost) return *outcome;
  return reject(
      "outcome.invalid",
      fmt::format("expected succeeded, partially_succeeded, blocked, failed or cancelled, found \"{}\"", text));
}

void require_few_counts(std::size_t keys) {
  if (keys > kCountKeysMax)
    refuse("counts.too_many", fmt::format("expected at most {} keys, found {}", kCountKeysMax, keys));
}

void add_count(Counts& counts, std::string_view key, std::uint64_t count) {
  CountKey parsed = need(parse_count_key(key));
  if (count > kCountMax)
    refuse("counts.invalid", fmt::format("expected {} to be a whole number from 0 to {}", key, kCountMax));
  if (!counts.emplace(std::move(parsed), count).second)
    refuse("counts.duplicate_key", fmt::format("expected each key once, found {} again", key));
}

void require_few_failures(std::size_t failures) {
  if (failures > kFailuresPerEventMax)
    refuse("failures.too_many", fmt::format("expected at most {} failures, found {}", kFailuresPerEventMax, failures));
}

}  // namespace runledger
