// What callers report of the end of an attempt, checked in one way wherever it comes from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ledger/rules/event.h"
#include "ledger/values/rejection.h"

namespace runledger {

// Code "outcome.invalid": an unknown word, or "lost", which only the ledger says.
[[nodiscard]] Result<AttemptOutcome> parse_reported_outcome(std::string_view text);

// Throws Refused "counts.too_many".
void require_few_counts(std::size_t keys);

// Throws Refused: "counts.invalid" past kCountMax, "counts.duplicate_key", and the codes of parse_count_key().
void add_count(Counts& counts, std::string_view key, std::uint64_t count);

// Throws Refused "failures.too_many".
void require_few_failures(std::size_t failures);

}  // namespace runledger
