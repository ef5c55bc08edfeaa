// One row per run with its current state. `runledger show` prints it and table operation_runs mirrors it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/rules/event.h"
#include "projections/folds/projection.h"

namespace runledger {

struct OperationRun {
  static constexpr std::string_view kName = "operation_runs";
  static constexpr int kRevision = 3;

  using Key = RunId;

  struct Row {
    RunId id;
    Scope scope;
    RunType type;
    RunStatus status = RunStatus::kQueued;
    RunOutcome outcome = RunOutcome::kPending;
    // A journal left it open, and no adoption or live start has taken it over: it holds its identity against no live
    // request.
    bool imported_open = false;
    Identity identity;
    AttemptNumber attempt;  // The last one started: once the run is completed, the final one.
    std::uint32_t max_attempts = 0;
    std::uint32_t deduped_count = 0;  // Requests that were answered with this run.
    std::uint32_t skipped_count = 0;  // Starts that were skipped, as far as the log records them.
    std::optional<SanitizedText> initiator;
    Caller caller;  // Who requested the run.
    // Why the run failed, or why its latest attempt did: the code of the event itself, or else that of its first
    // failure.
    std::optional<ReasonCode> reason_code;
    // The final attempt's counts, exactly as it reported them. They are empty until the run is completed, and also when
    // the final attempt reported none, whatever earlier attempts said.
    Counts summary_counts;
    // The counts that attempt `attempt` reported. They move to summary_counts when the run is completed, whatever
    // completes it. They are not a column of operation_runs, so a row cannot be read back from there.
    Counts held_counts;
    // From the latest end of an attempt that was not late, or from the event that failed the run.
    std::vector<FailureNote> failures;
    RunInput context;  // The input, as canonical JSON.
    Labels labels;
    std::optional<RunId> parent;  // The run that led to this one, and the first of that chain.
    std::optional<RunId> root;
    std::optional<RunId> rerun_of;
    std::optional<Traceparent> traceparent;  // It is not a column of operation_runs.
    // The time from which its next attempt may be claimed. Absent unless the run is queued, and absent when a journal
    // queued it. It is not a column of operation_runs.
    std::optional<Time> due_at;
    Time requested_at;
    std::optional<Time> started_at;  // When the first attempt started.
    std::optional<Time> completed_at;
    // The recorded times of its first event and of its last one.
    Time created_at;
    Time updated_at;
    RunVersion run_version;
    // The event that created this row. It tells the row's age and is not a column of operation_runs.
    Sequence first_sequence;
    Sequence last_sequence;  // The event that last changed the row.
    friend bool operator==(const Row&, const Row&) = default;
  };

  // Never empty, because every event belongs to a run.
  static std::optional<Key> key(const Envelope& envelope);

  // Requires that `envelope` belongs to this row's run and is newer than last_sequence. A new row starts as a default
  // one. The function is total: a stream with missing events gives a useless row, but does no harm.
  static void evolve(Row& row, const Envelope& envelope);

  // Makes the row the fold of the same events without their content.
  static void erase_content(Row& row);
};

static_assert(Projection<OperationRun>);

}  // namespace runledger
