// What each event means for a run and for the identity that it holds.
//
// There are two folds, and one check beside them. evolve(RunState&) has an apply() for each kind of event. It never
// refuses, because everything that the log can hold must fold: the end of an attempt that was never started, for
// example, changes nothing. evolve(IdentityState&) runs after it on the same event, and looks only at the run's new
// state: the event requested the run, or completed it, or does not concern the identity. illegal_step() is the check.
// It has an illegal() for each kind of event, and looks at the state before the event. The sequencer asserts it for
// every event that it decided; `verify` and a verbatim import check events with it that were decided elsewhere.
//
// The facts that hold after each legal event:
//  - Only the last attempt can be open: a new attempt or the end of the run supersedes the open one.
//  - A run is running as long as its last attempt is open, with one exception: after an attempt that exhausted the run,
//    it is running without an open attempt until the RunFailed of the same append completes it.
//  - An identity has a holder of each origin. `active` is the run that was last requested live or taken over from a
//    journal, until it is completed; `imported_active` is the run of a journal that was last requested, likewise. So
//    what a journal leaves open stands in the way of journals only.
//  - The completion of the last run sets the cooldown by the policy that the run was requested with, and counts it from
//    the completion or from the request.
//
// decide.cc computes the status and outcome of its replies itself; they must agree with apply().
#include "ledger/rules/run.h"

#include <fmt/format.h>

#include <algorithm>

namespace runledger {
namespace {

void complete(RunState& run, RunOutcome outcome, const Envelope& envelope) {
  run.status = RunStatus::kCompleted;
  run.outcome = outcome;
  run.completed_at = envelope.decided_at();
  run.completed_by = envelope.sequence;
  run.not_before.reset();
}

// The cooldown of the run before no longer counts.
void become_last(IdentityState& identity, const Envelope& envelope) {
  identity.last = envelope.run;
  identity.cooldown_until.reset();
  identity.decided_by = envelope.sequence;
}

void supersede_open_attempt(RunState& run) {
  if (run.open_attempt() != nullptr) run.attempts.back().status = AttemptStatus::kSuperseded;
  run.opened_by.reset();
}

void apply(RunState& run, const Requested& event, const Envelope& envelope) {
  run.scope = envelope.scope;
  run.type = event.type;
  run.identity = event.identity;
  run.content = event.digest;
  run.policy = event.policy;
  run.requested_at = envelope.decided_at();
  run.requested_by = envelope.sequence;
  run.origin = envelope.origin;
  if (event.ancestors) run.root = event.ancestors->root;
}

void apply(RunState& run, const Deduped& event, const Envelope& envelope) {
  if (!event.stands_until) return;
  run.last_skip = Skip{.rule = event.rule,
                       .caller = envelope.caller,
                       .starter = event.starter,
                       .event = envelope.sequence,
                       .until = *event.stands_until};
}

void apply(RunState& run, const AttemptStarted& event, const Envelope& envelope) {
  if (envelope.origin == Origin::kLive && run.imported_open()) run.taken_over_by = envelope.sequence;
  supersede_open_attempt(run);
  run.attempts.push_back(AttemptState{.token = envelope.scope_sequence,
                                      .started_by = envelope.sequence,
                                      .status = AttemptStatus::kOpen,
                                      .started_at = envelope.decided_at(),
                                      .lease = event.lease,
                                      .key = event.key});
  run.status = RunStatus::kRunning;
  run.not_before.reset();
  if (event.starter && envelope.command) run.opened_by = {.command = *envelope.command, .starter = *event.starter};
}

void apply(RunState& run, const AttemptFinished& event, const Envelope& envelope) {
  if (event.attempt.value == 0 || event.attempt.value > run.attempts.size()) return;
  AttemptState& attempt = run.attempts[event.attempt.value - 1];
  if (event.disposition != Disposition::kLate) run.opened_by.reset();
  if (event.outcome == AttemptOutcome::kLost) {
    attempt.status = AttemptStatus::kLost;
  } else {
    attempt.status = event.disposition == Disposition::kLate ? AttemptStatus::kLate : AttemptStatus::kFinished;
    attempt.finish = event.digest;
    attempt.finished_by = envelope.sequence;
  }
  switch (event.disposition) {
    case Disposition::kCompletes:
      complete(run, run_outcome(event.outcome), envelope);
      break;
    case Disposition::kRetries:
      run.status = RunStatus::kQueued;
      run.not_before = event.not_before;
      break;
    case Disposition::kExhausts:  // The RunFailed after it completes the run.
    case Disposition::kLate:
      break;
  }
}

void apply(RunState& run, const RunFailed& event, const Envelope& envelope) {
  supersede_open_attempt(run);
  run.ended_by = event.digest;
  complete(run, event.outcome, envelope);
}

void apply(RunState& run, const RunAdopted&, const Envelope& envelope) {
  if (!run.active()) return;
  supersede_open_attempt(run);
  run.status = RunStatus::kQueued;
  run.taken_over_by = envelope.sequence;
}

void apply(RunState&, const Restored&, const Envelope&) {}
void apply(RunState&, const Erased&, const Envelope&) {}
void apply(RunState&, const Recovered&, const Envelope&) {}

}  // namespace

Rejection no_such_parent() {
  return reject("parent.not_found",
                "expected the parent to be a run of the same scope or of the workspace itself, found none");
}

RunOutcome run_outcome(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::kSucceeded:
      return RunOutcome::kSucceeded;
    case AttemptOutcome::kPartiallySucceeded:
      return RunOutcome::kPartiallySucceeded;
    case AttemptOutcome::kBlocked:
      return RunOutcome::kBlocked;
    case AttemptOutcome::kCancelled:
      return RunOutcome::kCancelled;
    case AttemptOutcome::kFailed:
    case AttemptOutcome::kLost:
      return RunOutcome::kFailed;
  }
  return RunOutcome::kFailed;
}

void evolve(RunState& run, const Envelope& envelope) {
  if (!std::holds_alternative<Deduped>(envelope.event)) run.last_skip.reset();
  std::visit([&](const auto& event) { apply(run, event, envelope); }, envelope.event);
  run.version = envelope.run_version;
  run.last_sequence = envelope.sequence;
  run.last_in_scope = envelope.scope_sequence;
}

void evolve(IdentityState& identity, const RunState& run, const Envelope& envelope) {
  const bool requested = run.requested_by == envelope.sequence;
  if (requested && run.origin == Origin::kImported) {
    identity.imported_active = envelope.run;
    if (!identity.active) become_last(identity, envelope);
    return;
  }
  if (requested || run.taken_over_by == envelope.sequence) {
    identity.active = envelope.run;
    return become_last(identity, envelope);
  }
  if (run.completed_by != envelope.sequence) return;
  if (identity.imported_active == envelope.run) identity.imported_active.reset();
  if (identity.active == envelope.run) identity.active.reset();
  if (identity.last != envelope.run) return;
  const Cooldown& cooldown = run.policy.cooldown;
  identity.cooldown_until.reset();
  identity.decided_by = envelope.sequence;
  if (cooldown.length.count() > 0 && cooldown.after.contains(run.outcome)) {
    identity.cooldown_until =
        (cooldown.from == CooldownFrom::kCompletion ? run.completed_at : run.requested_at) + cooldown.length;
  }
}

namespace {

// Each function returns the reason why the event cannot follow, or nullopt.
using Reason = std::optional<std::string>;

bool within_limits(const Counts& counts, const std::vector<FailureNote>& failures) {
  if (counts.size() > kCountKeysMax || failures.size() > kFailuresPerEventMax) return false;
  return std::all_of(counts.begin(), counts.end(), [](const auto& count) { return count.second <= kCountMax; });
}

Reason illegal(const RunState& run, const Requested& event, const Envelope&) {
  if (run.exists()) return "the run was requested before";
  if (event.policy.max_attempts == 0 || event.policy.max_attempts > Policy::kAttemptsMax) {
    return fmt::format("max_attempts is {}, expected 1 to {}", event.policy.max_attempts, Policy::kAttemptsMax);
  }
  return {};
}

Reason illegal(const RunState& run, const Deduped& event, const Envelope&) {
  const bool fits = [&] {
    switch (event.rule) {
      case DedupeRule::kActiveRun:
        return run.active();
      case DedupeRule::kCooldown:
      case DedupeRule::kRunCompleted:
        return !run.active();
      case DedupeRule::kAttemptActive:
        return run.open_attempt() != nullptr;
      case DedupeRule::kNotCanonical:
        return run.active();
      case DedupeRule::kSameRun:
        return true;
      case DedupeRule::kNotDue:
        return run.status == RunStatus::kQueued;
    }
    return false;
  }();
  if (!fits) return fmt::format("deduped by {}, but the run is {}", to_string(event.rule), to_string(run.status));
  return {};
}

Reason illegal(const RunState& run, const AttemptStarted& event, const Envelope& envelope) {
  if (!run.active()) return "an attempt of a completed run";
  if (event.attempt.value != run.attempts.size() + 1) {
    return fmt::format("attempt {} after {} attempts", event.attempt.value, run.attempts.size());
  }
  if (event.attempt.value > run.policy.max_attempts) return "more attempts than the policy allows";
  // A journal may start an attempt while another is open; the source had given that one up.
  if (run.open_attempt() != nullptr && envelope.origin == Origin::kLive) return "another attempt is open";
  return {};
}

Reason illegal_end(const RunState& run, const AttemptFinished& event) {
  const bool failed = event.outcome == AttemptOutcome::kFailed || event.outcome == AttemptOutcome::kLost;
  switch (event.disposition) {
    case Disposition::kCompletes:
      if (failed) return "a failed attempt does not complete its run";
      break;
    case Disposition::kRetries:
      if (!failed) return "only a failed attempt is tried again";
      if (run.attempts.size() >= run.policy.max_attempts) return "no attempt is left to try again";
      break;
    case Disposition::kExhausts:
      if (!failed) return "only a failed attempt exhausts its run";
      break;
    case Disposition::kLate:
      return "the attempt is open, so its end is not late";
  }
  return {};
}

Reason illegal(const RunState& run, const AttemptFinished& event, const Envelope&) {
  if (event.attempt.value == 0 || event.attempt.value > run.attempts.size()) return "the attempt was never started";
  if (!within_limits(event.summary_counts, event.failures)) return "more counts or failures than an event may hold";
  switch (run.attempts[event.attempt.value - 1].status) {
    case AttemptStatus::kOpen:
      return illegal_end(run, event);
    case AttemptStatus::kLost:
    case AttemptStatus::kSuperseded:
      if (event.disposition != Disposition::kLate) return "an attempt that was overtaken can only end late";
      return {};
    case AttemptStatus::kFinished:
    case AttemptStatus::kLate:
      return "the attempt has ended before";
  }
  return {};
}

Reason illegal(const RunState& run, const RunFailed& event, const Envelope&) {
  if (!run.active()) return "the run had ended before";
  if (event.outcome != RunOutcome::kFailed && event.outcome != RunOutcome::kCancelled) {
    return fmt::format("a run cannot fail as {}", to_string(event.outcome));
  }
  if (!within_limits({}, event.failures)) return "more failures than an event may hold";
  return {};
}

Reason illegal(const RunState& run, const RunAdopted&, const Envelope& envelope) {
  if (!run.imported_open()) return "only a run that a journal left open is adopted";
  if (envelope.origin != Origin::kLive) return "no journal adopts a run";
  if (run.attempts.size() >= run.policy.max_attempts) return "no attempt is left for an adopted run";
  return {};
}

Reason illegal(const RunState&, const Restored&, const Envelope&) {
  return "an event of the ledger itself is of no run";
}
Reason illegal(const RunState&, const Erased&, const Envelope&) {
  return "an event of the ledger itself is of no run";
}
Reason illegal(const RunState&, const Recovered&, const Envelope&) {
  return "an event of the ledger itself is of no run";
}

}  // namespace

std::optional<std::string> illegal_step(const RunState& run, const Envelope& envelope) {
  if (envelope.run_version != run.version.next()) {
    return fmt::format("run version {} after {}", envelope.run_version.value, run.version.value);
  }
  if (envelope.previous != run.last_in_scope) {
    return fmt::format("the run's event before it is said to be number {} of its scope, but is number {}",
                       envelope.previous.value, run.last_in_scope.value);
  }
  if (envelope.origin == Origin::kImported && !envelope.occurred_at) return "imported, but without its time";
  const bool requested = std::holds_alternative<Requested>(envelope.event);
  if (!run.exists() && !requested) return "the run was never requested";
  if (run.exists() && envelope.scope != run.scope) return "the event is of another scope than its run";
  const bool exhausted = run.status == RunStatus::kRunning && run.open_attempt() == nullptr;
  if (exhausted && !std::holds_alternative<RunFailed>(envelope.event)) {
    return "the run's attempts are exhausted, so only its failure can follow";
  }
  return std::visit([&](const auto& event) { return illegal(run, event, envelope); }, envelope.event);
}

}  // namespace runledger
