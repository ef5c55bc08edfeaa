// Checks the parts of a report that an attempt ended, in the same way for every caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ledger/rules/event.h"

namespace runledger {

// Refuses with "outcome.invalid" an unknown word, and "lost", which only the ledger itself records.
[[nodiscard]] Result<AttemptOutcome> parse_reported_outcome(std::string_view text);

// Throws Refused "counts.too_many" for more than kCountKeysMax keys.
void require_few_counts(std::size_t keys);

// Adds a count. Throws Refused "counts.invalid" for a count above kCountMax, "counts.duplicate_key", or a code of
// parse_count_key().
void add_count(Counts& counts, std::string_view key, std::uint64_t count);

// Throws Refused "failures.too_many" for more than kFailuresPerEventMax failures.
void require_few_failures(std::size_t failures);

}  // namespace runledger
