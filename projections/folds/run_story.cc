// Folds the events of a run into its row and its attempts.
#include "projections/folds/run_story.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/base/assert.h"

namespace runledger {

RunStory fold_run_story(std::vector<VisibleEvent> events) {
  RUNLEDGER_ASSERT(!events.empty());
  RunStory story;
  for (const VisibleEvent& event : events) {
    OperationRun::evolve(story.row, event.envelope);
    evolve(story.attempts, event.envelope);
  }
  story.events = std::move(events);
  return story;
}

Rejection no_such_run(RunId run) {
  return reject("run.not_found", fmt::format("expected run {} to exist, found none", format_uuid(run.value)));
}

}  // namespace runledger
