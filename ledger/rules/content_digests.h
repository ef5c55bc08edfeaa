// Digests by which two requests, two reports of an attempt's end, or two commands are recognised as the same.
//
// The digests are stored, so their layouts must not change.
#pragma once

#include <vector>

#include "ledger/rules/command.h"
#include "ledger/rules/event.h"

namespace runledger {

// The digest of a request's content: scope, type and the whole input.
[[nodiscard]] ContentDigest request_digest(const Scope& scope, const RunType& type, const RunInput& input);

// The digest of a worker's report that its attempt ended.
[[nodiscard]] ContentDigest report_digest(AttemptOutcome outcome, const Counts& counts,
                                          const std::vector<FailureNote>& failures, bool retryable);

// The digest of a report that a run failed.
[[nodiscard]] ContentDigest report_digest(const RunFailed& failed);

// The digest of a whole command with its time, but without the parts that the ledger adds to it (a random run id,
// identity, policy).
[[nodiscard]] ContentDigest command_digest(const Submission& submission);

}  // namespace runledger
