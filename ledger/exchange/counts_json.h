// The summary counts of an attempt, as callers send them in JSON.
#pragma once

#include "ledger/rules/event.h"
#include "ledger/values/json_object.h"

namespace runledger {

// Reads an object {"key":N,…}. Throws Refused: "counts.too_many" for more than kCountKeysMax keys, "counts.invalid" for
// a value that is not an integer from 0 to kCountMax, and the codes of parse_count_key().
[[nodiscard]] Counts read_counts(const JsonObject& counts);

}  // namespace runledger
