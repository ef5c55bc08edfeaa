// Folds the events of a run, and passes over deduped requests and skipped starts in the middle of a long one.
#include "projections/rows/past_row.h"

#include <algorithm>

#include "ledger/base/assert.h"
#include "projections/folds/run_story.h"
#include "projections/rows/index.h"

namespace runledger {
namespace {

constexpr std::uint32_t kEnd = row_index::kMilestonesAfter.value;  // The events that are read at either end.

class Past {
 public:
  Past(const RowTable& table, RunId run, Sequence to) : table_(table), run_(run), to_(to) {}

  PastRow short_run() {
    for (const Envelope& envelope : read({}, 2 * std::size_t{kEnd})) take(envelope);
    return finish();
  }

  PastRow long_run(RunVersion newest, const rocksdb::Snapshot* snapshot) {
    const RunVersion version = version_at(newest);
    for (const Envelope& envelope : read({}, kEnd)) take(envelope);
    const RunVersion last_from{version.value - std::min(version.value, kEnd)};
    if (last_from > row_index::kMilestonesAfter) pass(last_from, snapshot);
    // The last milestone is at most kEnd events before `last_from`.
    for (const Envelope& envelope : read(story_.row.run_version, 2 * std::size_t{kEnd})) take(envelope);
    return finish();
  }

 private:
  void pass(RunVersion until, const rocksdb::Snapshot* snapshot) {
    for (const auto& milestone : read_milestones(table_, run_, row_index::kMilestonesAfter, until, snapshot)) {
      if (milestone.position.value == 0) {
        pass_deduped(story_, milestone.version, milestone.skipped);
        continue;
      }
      pass_deduped(story_, RunVersion{milestone.version.value - 1}, milestone.skipped);
      const std::optional<Envelope> envelope = table_.log.find(milestone.position);
      if (!envelope || envelope->run != run_) throw_rows_damaged("a milestone of a run leads to another event");
      ++past_.events_read;
      take(*envelope);
    }
  }

  // The number of events that the run had at `to_`, by a binary search.
  RunVersion version_at(RunVersion newest) {
    std::uint32_t before = 1;             // An event at or before `to_`.
    std::uint32_t beyond = newest.value;  // One after it.
    while (beyond - before > 1) {
      const std::uint32_t middle = before + (beyond - before) / 2;
      const bool is_there = !read(RunVersion{middle - 1}, 1).empty();
      (is_there ? before : beyond) = middle;
    }
    return RunVersion{before};
  }

  std::vector<Envelope> read(RunVersion after, std::size_t count) {
    std::vector<Envelope> events = table_.log.read_run(run_, to_, after, count);
    past_.events_read += events.size();
    return events;
  }

  void take(const Envelope& envelope) {
    evolve(story_, envelope);
    if (const auto* started = std::get_if<AttemptStarted>(&envelope.event)) past_.workers.push_back(started->worker);
  }

  PastRow finish() {
    RUNLEDGER_ASSERT(story_.row.run_version.value != 0);
    past_.row = std::move(story_.row);
    return std::move(past_);
  }

  const RowTable& table_;
  RunId run_;
  Sequence to_;
  RunStory story_;
  PastRow past_;
};

}  // namespace

std::vector<row_index::Milestone> read_milestones(const RowTable& table, RunId run, RunVersion after, RunVersion to,
                                                  const rocksdb::Snapshot* snapshot) {
  RUNLEDGER_ASSERT(after >= row_index::kMilestonesAfter);
  std::vector<row_index::Milestone> found;
  if (after >= to) return found;
  table.visit(row_index::milestone_key(run, after.next()), row_index::milestone_key(run, to) + '\0', snapshot,
              [&](std::string_view key, std::string_view value) {
                const auto milestone = row_index::parse_milestone(key, value);
                if (!milestone) throw_rows_damaged("a milestone of a run has an unknown form");
                found.push_back(*milestone);
                return Scan::kContinue;
              });
  return found;
}

PastRow past_row(const RowTable& table, const OperationRun::Row& now, Sequence to, const rocksdb::Snapshot* snapshot) {
  RUNLEDGER_ASSERT(now.first_sequence <= to && to < now.last_sequence);
  Past past(table, now.id, to);
  return now.run_version.value <= 2 * kEnd ? past.short_run() : past.long_run(now.run_version, snapshot);
}

}  // namespace runledger
