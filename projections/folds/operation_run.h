// One row per run: how it stands now. What `runledger show` prints and table operation_runs mirrors.
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
  static constexpr int kRevision = 2;

  using Key = RunId;

  struct Row {
    RunId id;
    Scope scope;
    RunType type;
    RunStatus status = RunStatus::kQueued;
    RunOutcome outcome = RunOutcome::kPending;
    Identity identity;
    AttemptNumber attempt;  // The last one started; the final one, once completed.
    std::uint32_t max_attempts = 0;
    std::uint32_t deduped_count = 0;
    std::optional<SanitizedText> initiator;
    // Why it failed, or why its latest attempt did: the event's own code, else that of its first failure.
    std::optional<ReasonCode> reason_code;
    // The final attempt's counts, exactly as it reported them. Empty until completed, and empty when the final
    // attempt reported none, whatever earlier attempts said.
    Counts summary_counts;
    // What attempt `attempt` reported, held back until the run is completed: then it moves to summary_counts, whoever
    // completes the run. Not a column of operation_runs, so a row cannot be read back from there.
    Counts held_counts;
    std::vector<FailureNote> failures;  // Of the latest end of an attempt that was not late, or of the run's failing.
    RunInput context;                   // The input.
    // From when on its next attempt may be claimed; absent unless it is queued, and not by a journal. Not a column of
    // operation_runs.
    std::optional<Time> due_at;
    Time requested_at;
    std::optional<Time> started_at;  // Of the first attempt.
    std::optional<Time> completed_at;
    Time created_at;  // Both recorded times: of the first event,
    Time updated_at;  // and of the last.
    RunVersion run_version;
    Sequence first_sequence;  // The event that made this row: its age. Not a column of operation_runs.
    Sequence last_sequence;   // The event that last changed it.
    friend bool operator==(const Row&, const Row&) = default;
  };

  // Every event belongs to a run, so this is never empty here.
  static std::optional<Key> key(const Envelope& envelope);

  // Requires that `envelope` is of this row's run and newer than last_sequence; a new row is a default one. Total: what
  // comes of a stream with events missing is of no use, but comes without harm.
  static void evolve(Row& row, const Envelope& envelope);
};

static_assert(Projection<OperationRun>);

}  // namespace runledger
