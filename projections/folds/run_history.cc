// The fold of a run's events into its attempts.
#include "projections/folds/run_history.h"

#include <algorithm>

namespace runledger {
namespace {

void start(std::vector<AttemptRow>& attempts, const AttemptStarted& event, const Envelope& envelope) {
  AttemptRow row;
  row.attempt = event.attempt;
  row.token = envelope.scope_sequence;
  row.worker = event.worker;
  row.started_at = envelope.happened_at();
  attempts.push_back(std::move(row));
}

void finish(std::vector<AttemptRow>& attempts, const AttemptFinished& event, const Envelope& envelope) {
  const auto found = std::find_if(attempts.rbegin(), attempts.rend(),
                                  [&](const AttemptRow& row) { return row.attempt == event.attempt; });
  if (found == attempts.rend()) return;  // No legal stream has such an event; verify reports it.
  found->finished_at = envelope.happened_at();
  found->outcome = event.outcome;
  found->summary_counts = event.summary_counts;
  found->failures = event.failures;
  found->late = event.disposition == Disposition::kLate;
}

}  // namespace

void evolve(std::vector<AttemptRow>& attempts, const Envelope& envelope) {
  if (const auto* started = std::get_if<AttemptStarted>(&envelope.event)) start(attempts, *started, envelope);
  if (const auto* finished = std::get_if<AttemptFinished>(&envelope.event)) finish(attempts, *finished, envelope);
}

std::vector<AttemptRow> fold_attempts(const std::vector<Envelope>& events) {
  std::vector<AttemptRow> attempts;
  for (const Envelope& envelope : events) evolve(attempts, envelope);
  return attempts;
}

}  // namespace runledger
