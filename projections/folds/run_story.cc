// Folds the events of a run into its row and its attempts.
#include "projections/folds/run_story.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/base/assert.h"

namespace runledger {

void evolve(RunStory& story, const Envelope& envelope) {
  OperationRun::evolve(story.row, envelope);
  evolve(story.attempts, envelope);
}

void pass_deduped(RunStory& story, RunVersion version, std::uint32_t skipped) {
  OperationRun::Row& row = story.row;
  RUNLEDGER_ASSERT(version >= row.run_version && skipped >= row.skipped_count);
  const std::uint32_t passed = version.value - row.run_version.value;
  RUNLEDGER_ASSERT(passed >= skipped - row.skipped_count);
  row.deduped_count += passed - (skipped - row.skipped_count);
  row.skipped_count = skipped;
  row.run_version = version;
}

RunStory fold_run_story(std::vector<VisibleEvent> events) {
  RUNLEDGER_ASSERT(!events.empty());
  RunStory story;
  for (const VisibleEvent& event : events) evolve(story, event.envelope);
  story.events = std::move(events);
  return story;
}

Rejection no_such_run(RunId run) {
  return reject("run.not_found", fmt::format("expected run {} to exist, found none", format_uuid(run.value)));
}

}  // namespace runledger
