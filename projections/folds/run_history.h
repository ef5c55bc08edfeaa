// The attempts of one run, late facts included.
#pragma once

#include <optional>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

struct AttemptRow {
  AttemptNumber attempt;
  Sequence token;
  SanitizedText worker;
  Time started_at;
  std::optional<Time> finished_at;
  std::optional<AttemptOutcome> outcome;  // Absent while open, and when superseded without a report.
  Counts summary_counts;                  // What this attempt reported, whether or not it is the final one.
  std::vector<FailureNote> failures;
  // Its report came after another attempt, the run's end, or the loss of its lease had overtaken it. The row then shows
  // the report; that it had been lost before stays in the events.
  bool late = false;
  friend bool operator==(const AttemptRow&, const AttemptRow&) = default;
};

// Requires that the events of the run come in order.
void evolve(std::vector<AttemptRow>& attempts, const Envelope& envelope);

// Requires all events of one run, in order, up to any point. By attempt number.
[[nodiscard]] std::vector<AttemptRow> fold_attempts(const std::vector<Envelope>& events);

}  // namespace runledger
