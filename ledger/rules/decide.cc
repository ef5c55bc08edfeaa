// Which commands are allowed, and which events they make: the rules of docs/semantics.md, in the order in which they
// apply.
//
// The sequencer calls decide() through CommitGroup, and explain() calls it to predict an answer; both take the facts
// from load_facts(). One decide_on() for each kind of command asks the questions in the same order: does the run exist;
// was the command carried out before (answered with the event of that time, and nothing is appended); is it a duplicate
// (recorded as Deduped); is it allowed. The repeat of a command id is not decided here: CommitGroup remembers those.
//
// A decision is a list of events and a reply that describes the run after them. The reply is written out here instead
// of being read from a folded state, so it must agree with evolve() in run.cc. Events are numbered from facts.next on,
// in order, which is how a started attempt knows its token, the scope_sequence of its own event.
//
// The rules for a heartbeat and for the end of an attempt or a run are in decide_end.cc, and those for a run that was
// carried out without the ledger in decide_spooled.cc.
//
// The rules keep three invariants:
//  - An identity has at most one active run, not counting what journals left open. A new run is requested only when no
//    active run holds its identity, and a live start skips a run that is not the canonical one. A run that a journal
//    left open becomes the canonical one when it is started while no other is.
//  - A run has at most one open attempt. While its lease runs, a live start is skipped; afterwards, a start or an
//    ExpireLease closes it as lost. Until then its worker may still finish it. An imported start supersedes it.
//  - An attempt that exhausts its run is always followed by the RunFailed, in the same decision.
//
// Time, lease and catalog come with the facts, so a replay with the recorded time makes the same decision.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/rules/content_digests.h"
#include "ledger/rules/decisions.h"
#include "ledger/rules/identity.h"
#include "ledger/rules/run.h"

namespace runledger {

using namespace deciding;

namespace {

// Points a request or a start to `run`, which it duplicates, and records that.
Decision dedupe(const Facts& facts, const RunState& run, RunId id, Deduped event) {
  Reply reply = reply_about(run, id, event.stage == DedupeStage::kDispatch ? Verdict::kDeduped : Verdict::kSkipped);
  reply.rule = event.rule;
  reply.sequence = facts.next;
  if (event.retry_at) reply.retry_after = std::max(Duration{0}, *event.retry_at - facts.now);
  return Decision{{std::move(event)}, reply};
}

// Whether the run's last skip stands for this one, so that nothing needs to be recorded.
bool stands_for(const Skip& last, const Facts& facts, DedupeRule rule) {
  return last.rule == rule && last.caller == facts.caller && last.starter == facts.starter && facts.now < last.until;
}

// Answers a start by which the worker must not go on. The first skip of its kind is recorded. The same start again, as
// when a worker polls, is answered with that event for a while. Lines of a journal are all recorded.
Decision skip(const Facts& facts, const RunState& run, RunId id, Deduped event) {
  if (facts.origin == Origin::kImported) return dedupe(facts, run, id, std::move(event));
  event.starter = facts.starter;
  const AttemptState* open = run.open_attempt();
  event.stands_until = facts.now + (open != nullptr ? open->lease : kSkipStands);
  const bool stands = run.last_skip && stands_for(*run.last_skip, facts, event.rule);
  Decision decision = dedupe(facts, run, id, std::move(event));
  if (stands) {
    decision.events.clear();
    decision.reply.sequence = run.last_skip->event;
    decision.reply.repeated = true;
  }
  return decision;
}

// --- request ---------------------------------------------------------------------------------------------------------

std::optional<Ancestors> ancestors_of(const Facts& facts, const RequestRun& command) {
  if (!command.parent) return {};
  return Ancestors{.parent = *command.parent, .root = facts.parent->root.value_or(*command.parent)};
}

}  // namespace

Requested deciding::requested_event(const Facts& facts, const RequestRun& command) {
  return Requested{.type = command.type,
                   .identity = command.identity,
                   .fingerprint_version = kFingerprintVersion,
                   .input = command.input,
                   .initiator = command.initiator,
                   .policy = command.policy,
                   .digest = facts.contents.request_digest(command),
                   .forced = command.force,
                   .rerun_of = command.rerun_of,
                   .ancestors = ancestors_of(facts, command),
                   .labels = command.labels,
                   .traceparent = command.traceparent};
}

namespace {

// A run may come from one of its own scope, or of the workspace itself. If a run of the workspace could come from a
// tenant's, the root of its children in other tenants would tell them that tenant's run.
bool may_be_parent(const RunState& parent, const Scope& child) {
  if (!parent.exists() || parent.scope.workspace != child.workspace) return false;
  return !parent.scope.tenant || parent.scope.tenant == child.tenant;
}

}  // namespace

// A run that may not be named is answered exactly as one that does not exist.
std::optional<Rejection> deciding::refuse_relatives(const Facts& facts, const RequestRun& command) {
  if (command.parent && !may_be_parent(*facts.parent, command.scope)) return no_such_parent();
  if (!command.rerun_of) return {};
  if (!facts.rerun_of->exists() || facts.rerun_of->scope != command.scope)
    return reject("rerun_of.not_found", "expected rerun_of to be a run of the same scope, found none");
  if (facts.rerun_of->active())
    return reject("rerun_of.not_completed", "expected rerun_of to be a completed run, found an active one");
  return {};
}

bool deciding::same_request(const Facts& facts, const RunState& run, const RequestRun& command) {
  return run.content == facts.contents.request_digest(command);
}

FailureNote deciding::lease_expired() {
  return {*parse_reason_code("worker.lease_expired"), sanitize("the lease ran out before the worker reported an end")};
}

namespace {

Rejection other_input() {
  return reject("run.exists_with_other_input",
                "expected the scope, type and input that the run of this id was requested with, found others");
}

Answered request_new(const Facts& facts, const RequestRun& command) {
  if (auto refused = refuse_relatives(facts, command)) return *std::move(refused);
  Reply reply = reply_about(RunState{}, command.run, Verdict::kRequested);
  reply.sequence = facts.next;
  reply.warnings = command.warnings;
  return Decision{{requested_event(facts, command)}, reply};
}

// A deduplicated request leaves its run as it was requested, so what it says of itself is dropped.
std::vector<Warning> dropped_from(const RequestRun& command) {
  std::vector<Warning> warnings = command.warnings;
  const auto drop = [&](bool given, const char* path) {
    if (given) warnings.push_back({.code = "request.dropped", .path = path});
  };
  drop(!command.labels.empty(), "labels");
  drop(command.parent.has_value(), "parent_run_id");
  drop(command.rerun_of.has_value(), "rerun_of");
  drop(command.traceparent.has_value(), "traceparent");
  drop(command.changes != PolicyChanges(), "policy");
  return warnings;
}

Decision dedupe_request(const Facts& facts, const RequestRun& command, const RunState& run, RunId id, Deduped event) {
  Decision decision = dedupe(facts, run, id, std::move(event));
  decision.reply.warnings = dropped_from(command);
  return decision;
}

bool in_cooldown(const Facts& facts) {
  return facts.identity.cooldown_until && facts.now < *facts.identity.cooldown_until;
}

std::optional<RunId> wanted_id(const RequestRun& command) {
  return command.named ? std::optional(command.run) : std::nullopt;
}

Answered decide_on(const Facts& facts, const RequestRun& command) {
  if (facts.run.exists()) {
    if (!same_request(facts, facts.run, command)) return other_input();
    // An import that is run again must not append events, so it gets the answer of the first time.
    if (facts.origin == Origin::kImported) {
      return repeat(facts.run, command.run, Verdict::kRequested, {}, facts.run.requested_by);
    }
    return dedupe_request(facts, command, facts.run, command.run,
                          {DedupeRule::kSameRun, DedupeStage::kDispatch, command.initiator, {}, {}});
  }
  if (const auto& holder = facts.identity.holder(facts.origin)) {
    return dedupe_request(facts, command, facts.canonical, *holder,
                          {DedupeRule::kActiveRun, DedupeStage::kDispatch, command.initiator, {}, wanted_id(command)});
  }
  if (in_cooldown(facts) && !command.force) {
    return dedupe_request(facts, command, facts.canonical, *facts.identity.last,
                          {DedupeRule::kCooldown, DedupeStage::kDispatch, command.initiator,
                           facts.identity.cooldown_until, wanted_id(command)});
  }
  return request_new(facts, command);
}

// --- start -----------------------------------------------------------------------------------------------------------

// Only a start that can be asked for again, under its command id, has a starter.
AttemptStarted started_event(const Facts& facts, AttemptNumber attempt, Duration lease, const StartAttempt& command) {
  return AttemptStarted{.attempt = attempt,
                        .worker = command.worker,
                        .lease = lease,
                        .key = command.key,
                        .starter = facts.command ? facts.starter : std::nullopt};
}

// Returns the refusal of a lease that the run's type does not allow; nullopt for a good one.
std::optional<Rejection> refuse_lease(const Facts& facts, const std::optional<Duration>& lease) {
  if (!lease) return {};
  const Result<Policy> policy = changed_within(facts.type.policy, {.lease = lease}, facts.type.bounds);
  return policy ? std::nullopt : std::optional(policy.rejection());
}

// Adds the start of the next attempt to a decision.
void start_next(Decision& decision, const Facts& facts, AttemptNumber attempt, const Policy& policy,
                const StartAttempt& command) {
  const std::size_t before = decision.events.size();
  const Duration lease = command.lease.value_or(policy.lease);
  decision.events.push_back(started_event(facts, attempt, lease, command));
  decision.reply.verdict = Verdict::kStarted;
  decision.reply.rule.reset();
  decision.reply.retry_after.reset();
  decision.reply.lease = lease;
  decision.reply.run = command.run;
  decision.reply.attempt = attempt;
  decision.reply.token = ScopeSequence{facts.next_in_scope.value + before};
  decision.reply.sequence = Sequence{facts.next.value + before};
  decision.reply.status = RunStatus::kRunning;
}

// Closes the open attempt as lost and, when no attempt is left, fails the run. The answer is that of a skipped start;
// callers change it when the start goes on or when they expire a lease.
Decision close_lost(const Facts& facts, RunId id) {
  const AttemptNumber attempt = last_attempt(facts.run);
  const FailureNote note = lease_expired();
  AttemptFinished lost{.attempt = attempt,
                       .outcome = AttemptOutcome::kLost,
                       .failures = {note},
                       .retryable = true,
                       .disposition = attempt_left(facts.run) ? Disposition::kRetries : Disposition::kExhausts};
  Decision decision{{}, reply_about(facts.run, id, Verdict::kSkipped)};
  if (attempt_left(facts.run)) {
    lost.not_before = facts.now + facts.run.policy.backoff.after(attempt);
    decision.events.push_back(std::move(lost));
    return decision;
  }
  decision.events.push_back(std::move(lost));
  decision.events.push_back(failed_event(facts, note.reason_code, {note}, RunOutcome::kFailed));
  decision.reply.sequence = facts.next.next();
  decision.reply.status = RunStatus::kCompleted;
  decision.reply.outcome = RunOutcome::kFailed;
  return decision;
}

// A journal reports what happened, so a start while an attempt is open means that the source had given that one up.
Answered start_imported(const Facts& facts, const StartAttempt& command) {
  if (!attempt_left(facts.run)) {
    return reject("attempt.exhausted", fmt::format("expected at most {} attempts by the run's policy, found one more",
                                                   facts.run.policy.max_attempts));
  }
  Decision decision{{}, reply_about(facts.run, command.run, Verdict::kStarted)};
  start_next(decision, facts, last_attempt(facts.run).next(), facts.run.policy, command);
  return decision;
}

// Returns the answer of the first time to a start that the open attempt came from.
Decision repeat_start(const Facts& facts, RunId id, AttemptNumber number) {
  const AttemptState& attempt = facts.run.attempts.at(number.value - 1);
  Decision decision = repeat(facts.run, id, Verdict::kStarted, number, attempt.started_by);
  decision.reply.token = attempt.token;
  decision.reply.lease = attempt.lease;
  return decision;
}

// The ledger forgets command ids after a while, and a ledger that was restored from an export never knew them. The
// state of the run still tells who opened its attempt.
bool is_opener(const Facts& facts) {
  return facts.command && facts.starter && facts.run.opened_by == Opener{*facts.command, *facts.starter};
}

// Returns the event of a start that is skipped in the step that ended the open attempt.
Deduped skip_of_ended(const Facts& facts, const StartAttempt& command, DedupeRule rule, std::optional<Time> retry_at) {
  return {.rule = rule,
          .stage = DedupeStage::kExecute,
          .asked_by = command.worker,
          .retry_at = retry_at,
          .requested_run = {},
          .starter = facts.starter,
          .stands_until = facts.now + kSkipStands};
}

// Closes the attempt whose lease has run out, and leaves the retry for when it is due.
Decision close_lost_until_due(const Facts& facts, const StartAttempt& command) {
  Decision decision = close_lost(facts, command.run);
  decision.reply.status = RunStatus::kQueued;
  const std::optional<Time> not_before = std::get<AttemptFinished>(decision.events.front()).not_before;
  decision.reply.rule = DedupeRule::kNotDue;
  decision.reply.retry_after = *not_before - facts.now;
  decision.reply.sequence = facts.next.next();
  decision.events.emplace_back(skip_of_ended(facts, command, DedupeRule::kNotDue, not_before));
  return decision;
}

// Records that the worker must not go on, because the run has failed in the same step: its last attempt was lost.
void skip_failed(const Facts& facts, const StartAttempt& command, Decision& decision) {
  decision.events.emplace_back(skip_of_ended(facts, command, DedupeRule::kRunCompleted, {}));
  decision.reply.rule = DedupeRule::kRunCompleted;
  decision.reply.sequence = decision.reply.sequence.next();
}

Answered start_live(const Facts& facts, const StartAttempt& command) {
  const AttemptState* open = facts.run.open_attempt();
  RUNLEDGER_ASSERT(open == nullptr || facts.lease_left);
  const bool identity_is_taken = facts.run.imported_open() && facts.identity.active;
  if (!identity_is_taken && open != nullptr && *facts.lease_left > Duration::zero()) {
    if (is_opener(facts)) return repeat_start(facts, command.run, last_attempt(facts.run));
    return skip(facts, facts.run, command.run,
                {DedupeRule::kAttemptActive, DedupeStage::kExecute, command.worker, facts.now + *facts.lease_left, {}});
  }
  // A run that a journal left open is taken over by its first live start, if its identity is free.
  const bool may_start = facts.run.imported_open() ? !facts.identity.active : facts.identity.active == command.run;
  if (!may_start) {
    return skip(facts, facts.run, command.run,
                {DedupeRule::kNotCanonical, DedupeStage::kExecute, command.worker, {}, {}});
  }
  const std::optional<Time>& not_before = facts.run.not_before;
  if (command.respect_not_before && not_before && facts.now < *not_before) {
    return skip(facts, facts.run, command.run,
                {DedupeRule::kNotDue, DedupeStage::kExecute, command.worker, not_before, {}});
  }
  const bool waits = command.respect_not_before && attempt_left(facts.run) &&
                     facts.run.policy.backoff.after(last_attempt(facts.run)) > Duration::zero();
  if (open != nullptr && waits) return close_lost_until_due(facts, command);
  Decision decision{{}, reply_about(facts.run, command.run, Verdict::kSkipped)};
  if (open != nullptr) decision = close_lost(facts, command.run);
  if (attempt_left(facts.run)) {
    start_next(decision, facts, last_attempt(facts.run).next(), facts.run.policy, command);
  } else {
    skip_failed(facts, command, decision);
  }
  return decision;
}

Answered decide_on(const Facts& facts, const StartAttempt& command) {
  if (!facts.run.exists()) return run_not_found();
  if (command.key) {
    const auto same_key = [&](const AttemptState& attempt) { return attempt.key == command.key; };
    const auto known = std::find_if(facts.run.attempts.begin(), facts.run.attempts.end(), same_key);
    if (known != facts.run.attempts.end()) {
      const AttemptNumber number{static_cast<std::uint32_t>(known - facts.run.attempts.begin() + 1)};
      return repeat_start(facts, command.run, number);
    }
  }
  if (auto refused = refuse_lease(facts, command.lease)) return *std::move(refused);
  if (!facts.run.active()) {
    return skip(facts, facts.run, command.run,
                {DedupeRule::kRunCompleted, DedupeStage::kExecute, command.worker, {}, {}});
  }
  return facts.origin == Origin::kImported ? start_imported(facts, command) : start_live(facts, command);
}

// --- start by identity -----------------------------------------------------------------------------------------------

// Applies the rules of a start to an existing run, which stays as it was requested.
Answered start_existing(const Facts& facts, const RunState& run, RunId id, const StartByIdentity& command) {
  const Facts of_run{.run = run,
                     .identity = facts.identity,
                     .canonical = facts.canonical,
                     .type = facts.type,
                     .lease_left = facts.lease_left,
                     .now = facts.now,
                     .origin = facts.origin,
                     .next = facts.next,
                     .next_in_scope = facts.next_in_scope,
                     .contents = facts.contents,
                     .command = facts.command,
                     .starter = facts.starter,
                     .caller = facts.caller};
  Answered answered = decide_on(of_run, StartAttempt{.run = id,
                                                     .worker = command.worker,
                                                     .lease = command.lease,
                                                     .respect_not_before = command.respect_not_before});
  if (auto* decision = std::get_if<Decision>(&answered)) decision->reply.warnings = dropped_from(command.request);
  return answered;
}

Answered decide_on(const Facts& facts, const StartByIdentity& command) {
  const RequestRun& request = command.request;
  if (auto refused = refuse_lease(facts, command.lease)) return *std::move(refused);
  if (facts.run.exists()) {
    if (!same_request(facts, facts.run, request)) return other_input();
    return start_existing(facts, facts.run, request.run, command);
  }
  if (facts.identity.active) return start_existing(facts, facts.canonical, *facts.identity.active, command);
  if (in_cooldown(facts) && !request.force) {
    Decision decision = skip(facts, facts.canonical, *facts.identity.last,
                             {DedupeRule::kCooldown, DedupeStage::kExecute, command.worker,
                              facts.identity.cooldown_until, wanted_id(request)});
    decision.reply.warnings = dropped_from(request);
    return decision;
  }
  Answered requested = request_new(facts, request);
  if (auto* decision = std::get_if<Decision>(&requested)) {
    start_next(*decision, facts, AttemptNumber{1}, request.policy,
               StartAttempt{.run = request.run, .worker = command.worker, .lease = command.lease});
  }
  return requested;
}

// --- claim and expire ------------------------------------------------------------------------------------------------

Answered decide_on(const Facts& facts, const ClaimRun& command) {
  const bool queued = facts.run.exists() && facts.run.status == RunStatus::kQueued;
  if (!queued || last_attempt(facts.run).next() != command.next || facts.identity.active != command.run) {
    return reject("claim.lost", "expected a run that is queued for the attempt that was to be claimed");
  }
  if (auto refused = refuse_lease(facts, command.lease)) return *std::move(refused);
  Decision decision{{}, reply_about(facts.run, command.run, Verdict::kStarted)};
  start_next(decision, facts, command.next, facts.run.policy,
             StartAttempt{.run = command.run, .worker = command.worker, .lease = command.lease});
  return decision;
}

Answered decide_on(const Facts& facts, const ExpireLease& command) {
  if (!facts.run.exists()) return run_not_found();
  const AttemptState* open = facts.run.open_attempt();
  if (open == nullptr) return reject("attempt.not_open", "expected a run with an attempt under way, found none");
  if (open->key) return reject("attempt.not_leased", "expected an attempt with a lease, found a journal's");
  RUNLEDGER_ASSERT(facts.lease_left);
  Decision decision{{}, reply_about(facts.run, command.run, Verdict::kAlive)};
  if (*facts.lease_left > Duration::zero()) {
    decision.reply.retry_after = facts.lease_left;
  } else {
    decision = close_lost(facts, command.run);
    decision.reply.verdict = Verdict::kExpired;
    decision.reply.sequence = Sequence{facts.next.value + decision.events.size() - 1};
    if (decision.reply.status != RunStatus::kCompleted) {
      decision.reply.status = RunStatus::kQueued;
      decision.reply.retry_after = facts.run.policy.backoff.after(last_attempt(facts.run));
    }
  }
  decision.reply.attempt = last_attempt(facts.run);
  return decision;
}

// --- adopt -----------------------------------------------------------------------------------------------------------

Answered decide_on(const Facts& facts, const AdoptRun& command) {
  const RunState& run = facts.run;
  if (!run.exists()) return run_not_found();
  if (run.taken_over_by.value != 0) return repeat(run, command.run, Verdict::kRequested, {}, run.taken_over_by);
  if (!run.active()) return run_completed(run);
  if (!run.imported_open()) {
    return reject("adopt.not_open", "expected a run that a journal left open, found one that was requested here");
  }
  if (facts.identity.active) {
    return reject("adopt.identity_held",
                  fmt::format("expected a run whose identity is free, found that run {} holds it",
                              format_uuid(facts.identity.active->value)));
  }
  if (!attempt_left(run)) {
    return reject(
        "attempt.exhausted",
        fmt::format("expected a run with an attempt left, found that all {} were started", run.policy.max_attempts));
  }
  Reply reply = reply_about(run, command.run, Verdict::kRequested);
  reply.sequence = facts.next;
  reply.status = RunStatus::kQueued;
  return Decision{{RunAdopted{}}, reply};
}

}  // namespace

Answered decide(const Facts& facts, const Command& command) {
  return std::visit([&](const auto& each) { return decide_on(facts, each); }, command);
}

}  // namespace runledger
