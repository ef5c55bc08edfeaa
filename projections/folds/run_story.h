// One run told from its events: what `runledger show` prints.
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
  bool is_cut = false;  // There are more events, which row and attempts tell of too.
};

// Requires the events of one run, from its first, in order; at least one. Positions are counted as the events count.
[[nodiscard]] RunStory tell_story(std::vector<VisibleEvent> events);

// "run.not_found", the same words for a run that is not there and one that may not be seen.
[[nodiscard]] Rejection no_such_run(RunId run);

}  // namespace runledger
