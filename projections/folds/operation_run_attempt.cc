// The fold of a run's events into rows of its attempts.
#include "projections/folds/operation_run_attempt.h"

#include <algorithm>

namespace runledger {
namespace {

using Attempt = OperationRunAttempt::Row;
using Attempts = std::vector<Attempt>;

// Ends the attempts that are still under way, because another event has taken their place. In a legal stream that is
// at most the last one.
void supersede(Attempts& attempts, const Envelope& envelope, const std::optional<ReasonCode>& reason) {
  for (Attempt& row : attempts) {
    if (row.ended_at) continue;
    row.ended_at = envelope.happened_at();
    row.reason_code = reason;
    row.last_sequence = envelope.sequence;
  }
}

void apply(Attempts&, const Requested&, const Envelope&) {}
void apply(Attempts&, const Deduped&, const Envelope&) {}
void apply(Attempts&, const Restored&, const Envelope&) {}
void apply(Attempts&, const Erased&, const Envelope&) {}
void apply(Attempts&, const Recovered&, const Envelope&) {}

void apply(Attempts& attempts, const AttemptStarted& event, const Envelope& envelope) {
  std::erase_if(attempts, [&](const Attempt& row) { return row.attempt == event.attempt; });
  supersede(attempts, envelope, std::nullopt);
  Attempt row;
  row.run = envelope.run;
  row.attempt = event.attempt;
  row.worker = event.worker;
  row.started_at = envelope.happened_at();
  row.first_sequence = envelope.sequence;
  row.last_sequence = envelope.sequence;
  attempts.push_back(std::move(row));
}

void apply(Attempts& attempts, const AttemptFinished& event, const Envelope& envelope) {
  const auto found = std::find_if(attempts.rbegin(), attempts.rend(),
                                  [&](const Attempt& row) { return row.attempt == event.attempt; });
  if (found == attempts.rend()) return;
  if (!found->ended_at) found->ended_at = envelope.happened_at();
  found->outcome = event.outcome;
  found->summary_counts = event.summary_counts;
  found->failures = event.failures;
  found->reason_code.reset();
  if (!event.failures.empty()) found->reason_code = event.failures.front().reason_code;
  if (event.outcome == AttemptOutcome::kLost) found->lost = true;
  found->late = event.disposition == Disposition::kLate;
  found->last_sequence = envelope.sequence;
}

void apply(Attempts& attempts, const RunFailed& event, const Envelope& envelope) {
  supersede(attempts, envelope, event.reason_code);
}

void apply(Attempts& attempts, const RunAdopted&, const Envelope& envelope) {
  supersede(attempts, envelope, std::nullopt);
}

}  // namespace

void OperationRunAttempt::evolve(Attempts& attempts, const Envelope& envelope) {
  std::visit([&](const auto& event) { apply(attempts, event, envelope); }, envelope.event);
}

void evolve(RunWithAttempts& run, const Envelope& envelope) {
  OperationRun::evolve(run.row, envelope);
  OperationRunAttempt::evolve(run.attempts, envelope);
}

}  // namespace runledger
