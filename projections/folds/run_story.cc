// Folds the events of a run into its row and its attempts.
#include "projections/folds/run_story.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/base/assert.h"

namespace runledger {

void evolve_past_deduped(RunStory& story, const Envelope& envelope) {
  RUNLEDGER_ASSERT(envelope.run_version > story.row.run_version);
  story.row.deduped_count += envelope.run_version.value - story.row.run_version.value - 1;
  OperationRun::evolve(story.row, envelope);
  evolve(story.attempts, envelope);
}

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
