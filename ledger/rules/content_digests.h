// Digests that tell whether two requests, two reports of an attempt's end, or two commands say the same.
#pragma once

#include <vector>

#include "ledger/rules/command.h"
#include "ledger/rules/event.h"

namespace runledger {

// What was asked for: scope, type and the whole input.
[[nodiscard]] ContentDigest request_digest(const Scope& scope, const RunType& type, const RunInput& input);

// How a worker said that its attempt ended.
[[nodiscard]] ContentDigest report_digest(AttemptOutcome outcome, const Counts& counts,
                                          const std::vector<FailureNote>& failures, bool retryable);

// How a run was said to have failed.
[[nodiscard]] ContentDigest report_digest(const RunFailed& failed);

// The whole of a command with its times, but without what the ledger adds to it (a random run id, identity, policy).
[[nodiscard]] ContentDigest command_digest(const Submission& submission);

}  // namespace runledger
