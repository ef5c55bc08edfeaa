// One row per attempt of a run. Table operation_run_attempts mirrors it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "projections/folds/operation_run.h"

namespace runledger {

// Unlike AttemptRow (run_history.h), which shows an attempt's report, a row says when the attempt ended, whatever ended
// it, and whether it had been lost before its report came.
struct OperationRunAttempt {
  static constexpr std::string_view kName = "operation_run_attempts";
  static constexpr int kRevision = 1;

  struct Row {
    RunId run;
    AttemptNumber attempt;
    SanitizedText worker;
    Time started_at;
    // When it was no longer under way: the time of its report, of its loss, or of the event that superseded it (the end
    // of the run, or the start or adoption that took its place). A late report does not change it.
    std::optional<Time> ended_at;
    // What its report says, also if that was late; or kLost, if its lease ran out and no report has come. Absent while
    // it is under way, and when it was superseded without a report.
    std::optional<AttemptOutcome> outcome;
    // The code of the first failure of its report or its loss; or that of the event that failed the run over its head.
    std::optional<ReasonCode> reason_code;
    Counts summary_counts;              // Of its report.
    std::vector<FailureNote> failures;  // Of its report or its loss.
    bool lost = false;                  // Its lease ran out. It stays so when a report comes.
    bool late = false;                  // Its report came after it had ended.
    Sequence first_sequence;            // The event that started it; no column.
    Sequence last_sequence;             // The event that last changed the row.
    friend bool operator==(const Row&, const Row&) = default;
  };

  // Folds an event of a run onto its attempts, which are in the order of their starts. Total, as OperationRun::evolve()
  // is: an attempt that starts a second time begins anew, and the end of an unknown one changes nothing.
  static void evolve(std::vector<Row>& attempts, const Envelope& envelope);
};

// A run as the mirror has it: its row in operation_runs, and its rows in operation_run_attempts.
struct RunWithAttempts {
  OperationRun::Row row;
  std::vector<OperationRunAttempt::Row> attempts;
  friend bool operator==(const RunWithAttempts&, const RunWithAttempts&) = default;
};

// Folds an event of the run.
void evolve(RunWithAttempts& run, const Envelope& envelope);

}  // namespace runledger
