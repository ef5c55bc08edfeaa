// The row, attempts and events of one run, as `runledger show` prints them.
#pragma once

#include <vector>

#include "ledger/values/rejection.h"
#include "projections/folds/operation_run.h"
#include "projections/folds/run_history.h"
#include "projections/folds/visible_event.h"

namespace runledger {

struct RunStory {
  OperationRun::Row row;
  std::vector<AttemptRow> attempts;
  std::vector<VisibleEvent> events;
  std::vector<VisibleEvent> last_events = {};  // The end of a long run, of which `events` is the beginning.
  bool is_cut = false;                         // More events exist after `events`; row and attempts include them.
};

// Folds the events of one run. Requires at least one event, from the first of the run on, in order. The positions in
// row and attempts are those of the given events.
[[nodiscard]] RunStory fold_run_story(std::vector<VisibleEvent> events);

// Folds the next event of a run onto its row and attempts.
void evolve(RunStory& story, const Envelope& envelope);

// Counts the run's events after the last one, up to and including `version`. All of them are deduped requests or
// skipped starts, and the run then has `skipped` of the latter. Another event must follow, which sets positions and
// times.
void pass_deduped(RunStory& story, RunVersion version, std::uint32_t skipped);

// Code "run.not_found". The message is the same for a run that does not exist and for one that the caller may not see.
[[nodiscard]] Rejection no_such_run(RunId run);

}  // namespace runledger
