// The summary counts and the failures of an attempt in JSON.
#pragma once

#include "ledger/rules/event.h"
#include "ledger/values/json_object.h"

namespace runledger {

// Reads an object {"key":N,…}. Throws Refused: "counts.too_many" for more than kCountKeysMax keys, "counts.invalid" for
// a value that is not an integer from 0 to kCountMax, and the codes of parse_count_key().
[[nodiscard]] Counts read_counts(const JsonObject& counts);

// {"key":N,…}
[[nodiscard]] std::string counts_to_json(const Counts& counts);
// [{"reason_code":…,"message":…},…]
[[nodiscard]] std::string failures_to_json(const std::vector<FailureNote>& failures);

}  // namespace runledger
