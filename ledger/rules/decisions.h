// What the rules for requests and starts (decide.cc), for ends (decide_end.cc) and for spooled runs (decide_spooled.cc)
// have in common. Only they use it.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "ledger/rules/run.h"

namespace runledger::deciding {

using Answered = std::variant<Decision, Rejection>;

// Each has the contract of runledger::decide() for one kind of command.
[[nodiscard]] Answered decide_on(const Facts& facts, const Heartbeat& command);
[[nodiscard]] Answered decide_on(const Facts& facts, const FinishAttempt& command);
[[nodiscard]] Answered decide_on(const Facts& facts, const FailRun& command);
[[nodiscard]] Answered decide_on(const Facts& facts, const RecordSpooledRun& command);

[[nodiscard]] Rejection run_not_found();
// Requires a run that is not active.
[[nodiscard]] Rejection run_completed(const RunState& run);

// Returns the answer about a run as it is.
[[nodiscard]] Reply reply_about(const RunState& run, RunId id, Verdict verdict);

// Returns the answer to a command that was carried out before, by the event `sequence`.
[[nodiscard]] Decision repeat(const RunState& run, RunId id, Verdict verdict, AttemptNumber attempt, Sequence sequence);

// The number of the run's last attempt; zero before the first.
[[nodiscard]] AttemptNumber last_attempt(const RunState& run);

// Whether the policy allows another attempt.
[[nodiscard]] bool attempt_left(const RunState& run);

// Returns the event by which the run is requested.
[[nodiscard]] Requested requested_event(const Facts& facts, const RequestRun& command);

// Refuses a parent, or a run to be repeated, that the request may not name; nullopt when it may.
[[nodiscard]] std::optional<Rejection> refuse_relatives(const Facts& facts, const RequestRun& command);

// Whether the run was requested with the scope, type and input of this request.
[[nodiscard]] bool same_request(const Facts& facts, const RunState& run, const RequestRun& command);

// Returns the report without the counts that the type does not allow. A report is recognised again by what was kept.
[[nodiscard]] FinishAttempt kept_of(const CatalogEntry& type, FinishAttempt report);

// What is noted about a lost attempt.
[[nodiscard]] FailureNote lease_expired();

// Returns the event that ends the run, with its digest.
[[nodiscard]] RunFailed failed_event(const Facts& facts, ReasonCode reason, std::vector<FailureNote> failures,
                                     RunOutcome outcome, std::optional<SanitizedText> initiator = {});

}  // namespace runledger::deciding
