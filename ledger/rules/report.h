// Takes in a worker's report that an attempt ended, in the same way for every caller.
//
// A report must not be lost for its details: the lease would run out, and the work would be done twice. So the outcome
// is taken, what cannot be kept is left out, and each part that is left out adds a warning to the report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ledger/rules/command.h"

namespace runledger {

// Refuses with "outcome.invalid" an unknown word, and "lost", which only the ledger itself records.
[[nodiscard]] Result<AttemptOutcome> parse_reported_outcome(std::string_view text);

// Adds a warning, unless there are kWarningsMax already.
void warn(FinishAttempt& report, std::string_view code, std::string_view path);
void warn(Heartbeat& heartbeat, std::string_view code, std::string_view path);

// Adds a count; nullopt stands for a value that is no whole number. Warnings: "counts.invalid" for such a value and for
// one above kCountMax, "counts.duplicate_key" (the first one counts), "counts.too_many" after kCountKeysMax keys, and
// the codes of parse_count_key().
void take_count(FinishAttempt& report, std::string_view key, std::optional<std::uint64_t> count);

// The same for a count of a heartbeat's progress, which must be there.
void take_count(Heartbeat& heartbeat, std::string_view key, std::optional<std::uint64_t> count);

// Adds the failure that the caller named as its number `index`, from 0. A reason code that cannot be kept becomes
// kUnnamedFailure, and its text the beginning of the message; the warning is the code of parse_reason_code(). Further
// warning: "failures.too_many" after kFailuresPerEventMax.
void take_failure(FinishAttempt& report, std::size_t index, std::string_view reason_code, std::string_view message);
inline constexpr std::string_view kUnnamedFailure = "worker.unnamed_failure";

}  // namespace runledger
