// Counts as callers send them in JSON.
#pragma once

#include "ledger/rules/event.h"
#include "ledger/values/json_object.h"

namespace runledger {

// Of {"key":N,…}. Throws Refused: "counts.too_many", "counts.invalid" and the codes of parse_count_key().
[[nodiscard]] Counts read_counts(const JsonObject& counts);

}  // namespace runledger
