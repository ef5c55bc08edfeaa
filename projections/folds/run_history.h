// The attempts of one run, including late reports.
#pragma once

#include <optional>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

struct AttemptRow {
  AttemptNumber attempt;
  ScopeSequence token;
  SanitizedText worker;
  Time started_at;
  std::optional<Time> finished_at;
  // Absent while the attempt is open, and when it was superseded without a report.
  std::optional<AttemptOutcome> outcome;
  Counts summary_counts;  // As this attempt reported them, whether or not it is the final one.
  std::vector<FailureNote> failures;
  // Its report came after another attempt, the end of the run, or the loss of its lease had superseded it. The row then
  // shows the report; only the events tell that the attempt had been lost before.
  bool late = false;
  friend bool operator==(const AttemptRow&, const AttemptRow&) = default;
};

// Folds one event. Requires that the events of a run come in order.
void evolve(std::vector<AttemptRow>& attempts, const Envelope& envelope);

// The attempts by number. Requires all events of one run, in order, up to any point.
[[nodiscard]] std::vector<AttemptRow> fold_attempts(const std::vector<Envelope>& events);

}  // namespace runledger
