// The fold of a run's events into its row.
#include "projections/folds/operation_run.h"

#include "ledger/rules/run.h"

namespace runledger {
namespace {

using Row = OperationRun::Row;

// Counts reach summary_counts here and nowhere else. Whatever completes the run, they are those of the final attempt,
// which is the last one started.
void complete(Row& row, RunOutcome outcome, Time at) {
  row.status = RunStatus::kCompleted;
  row.outcome = outcome;
  row.completed_at = at;
  row.imported_open = false;
  row.due_at.reset();
  row.summary_counts = std::move(row.held_counts);
  row.held_counts.clear();
}

// A run that a journal leaves queued belongs to the system that the journal came from, which carries it out. No worker
// here may claim it, least of all while later lines of the journal are still to be imported.
std::optional<Time> due(const Envelope& envelope, std::optional<Time> at) {
  return envelope.origin == Origin::kImported ? std::nullopt : at;
}

void apply(Row& row, const Requested& event, const Envelope& envelope) {
  row.type = event.type;
  row.identity = event.identity;
  row.max_attempts = event.policy.max_attempts;
  row.initiator = event.initiator;
  row.caller = envelope.caller;
  row.context = event.input;
  row.labels = event.labels;
  if (event.ancestors) {
    row.parent = event.ancestors->parent;
    row.root = event.ancestors->root;
  }
  row.rerun_of = event.rerun_of;
  row.traceparent = event.traceparent;
  row.requested_at = envelope.happened_at();
  row.imported_open = envelope.origin == Origin::kImported;
  row.due_at = due(envelope, envelope.recorded_at);
}

void apply(Row& row, const Deduped& event, const Envelope&) {
  ++(event.stage == DedupeStage::kDispatch ? row.deduped_count : row.skipped_count);
}

void apply(Row& row, const AttemptStarted& event, const Envelope& envelope) {
  row.status = RunStatus::kRunning;
  if (envelope.origin == Origin::kLive) row.imported_open = false;
  row.due_at.reset();
  row.attempt = event.attempt;
  row.held_counts.clear();
  if (!row.started_at) row.started_at = envelope.happened_at();
}

void apply(Row& row, const AttemptFinished& event, const Envelope& envelope) {
  if (event.disposition == Disposition::kLate) return;
  row.held_counts = event.summary_counts;
  row.failures = event.failures;
  row.reason_code.reset();
  if (!event.failures.empty()) row.reason_code = event.failures.front().reason_code;
  switch (event.disposition) {
    case Disposition::kCompletes:
      complete(row, run_outcome(event.outcome), envelope.happened_at());
      break;
    case Disposition::kRetries:
      row.status = RunStatus::kQueued;
      row.due_at = due(envelope, event.not_before);
      break;
    // The run keeps running until the next event, RunFailed of the same append, gives it its outcome.
    case Disposition::kExhausts:
    case Disposition::kLate:
      break;
  }
}

void apply(Row& row, const RunFailed& event, const Envelope& envelope) {
  row.reason_code = event.reason_code;
  if (!event.failures.empty()) row.failures = event.failures;
  complete(row, event.outcome, envelope.happened_at());
}

void apply(Row&, const Restored&, const Envelope&) {}
void apply(Row&, const Erased&, const Envelope&) {}
void apply(Row&, const Recovered&, const Envelope&) {}

void apply(Row& row, const RunAdopted&, const Envelope& envelope) {
  if (row.status == RunStatus::kCompleted) return;
  row.status = RunStatus::kQueued;
  row.imported_open = false;
  row.due_at = envelope.recorded_at;
}

}  // namespace

std::optional<OperationRun::Key> OperationRun::key(const Envelope& envelope) {
  return envelope.run;
}

void OperationRun::erase_content(Row& row) {
  row.initiator.reset();
  row.context = RunInput();
  row.labels.clear();
  row.traceparent.reset();
  for (FailureNote& failure : row.failures) failure.message = SanitizedText();
}

void OperationRun::evolve(Row& row, const Envelope& envelope) {
  if (row.run_version.value == 0) {
    row.id = envelope.run;
    row.scope = envelope.scope;
    row.created_at = envelope.recorded_at;
    row.first_sequence = envelope.sequence;
  }
  std::visit([&](const auto& event) { apply(row, event, envelope); }, envelope.event);
  row.run_version = envelope.run_version;
  row.last_sequence = envelope.sequence;
  row.updated_at = envelope.recorded_at;
}

}  // namespace runledger
