// The summary counts and the failures of an attempt in JSON.
#pragma once

#include "ledger/rules/command.h"
#include "ledger/values/json_object.h"

namespace runledger {

// Reads the members "summary_counts" and "failures" of a report, as far as they are there. What cannot be kept becomes
// a warning of the report: those of ledger/rules/report.h, and "counts.invalid" or "failures.invalid" for a member of
// another form. An empty array counts as an empty object, because PHP does not tell them apart.
void read_details(const JsonObject& in, FinishAttempt& report);

// Reads the member "progress" of a heartbeat, if it is there, in the same way.
void read_progress(const JsonObject& in, Heartbeat& heartbeat);

// Reads the failure with number `index`, {"reason_code":…,"message":…}, in the same way.
void read_failure(const JsonValue& in, std::size_t index, FinishAttempt& report);

// {"key":N,…}
[[nodiscard]] std::string counts_to_json(const Counts& counts);
// [{"reason_code":…,"message":…},…]
[[nodiscard]] std::string failures_to_json(const std::vector<FailureNote>& failures);

}  // namespace runledger
