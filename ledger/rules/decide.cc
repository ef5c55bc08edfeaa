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
#include "ledger/rules/identity.h"
#include "ledger/rules/report.h"
#include "ledger/rules/run.h"

namespace runledger {
namespace {

using Answered = std::variant<Decision, Rejection>;

constexpr std::string_view kLeaseExpired = "worker.lease_expired";
constexpr std::string_view kAttemptFailed = "attempt.failed";

Rejection run_not_found() {
  return reject("run.not_found", "expected the id of a run, found none of that id");
}

Rejection run_completed(const RunState& run) {
  return reject("run.completed",
                fmt::format("expected an active run, found one that ended as {}", to_string(run.outcome)));
}

Reply reply_about(const RunState& run, RunId id, Verdict verdict) {
  return Reply{
      .verdict = verdict, .run = id, .sequence = run.last_sequence, .status = run.status, .outcome = run.outcome};
}

// Returns the answer to a command that was carried out before, by the event `sequence`.
Decision repeat(const RunState& run, RunId id, Verdict verdict, AttemptNumber attempt, Sequence sequence) {
  Reply reply = reply_about(run, id, verdict);
  reply.attempt = attempt;
  reply.sequence = sequence;
  reply.repeated = true;
  return Decision{{}, reply};
}

// Points a request or a start to `run`, which it duplicates, and records that.
Decision dedupe(const Facts& facts, const RunState& run, RunId id, Deduped event) {
  Reply reply = reply_about(run, id, event.stage == DedupeStage::kDispatch ? Verdict::kDeduped : Verdict::kSkipped);
  reply.rule = event.rule;
  reply.sequence = facts.next;
  if (event.retry_at) reply.retry_after = std::max(Duration{0}, *event.retry_at - facts.now);
  return Decision{{std::move(event)}, reply};
}

// --- request ---------------------------------------------------------------------------------------------------------

std::optional<Ancestors> ancestors_of(const Facts& facts, const RequestRun& command) {
  if (!command.parent) return {};
  return Ancestors{.parent = *command.parent, .root = facts.parent->root.value_or(*command.parent)};
}

Requested requested_event(const Facts& facts, const RequestRun& command) {
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

// A run may come from one of its own scope, or of the workspace itself. If a run of the workspace could come from a
// tenant's, the root of its children in other tenants would tell them that tenant's run.
bool may_be_parent(const RunState& parent, const Scope& child) {
  if (!parent.exists() || parent.scope.workspace != child.workspace) return false;
  return !parent.scope.tenant || parent.scope.tenant == child.tenant;
}

// A run that may not be named is answered exactly as one that does not exist.
std::optional<Rejection> refuse_relatives(const Facts& facts, const RequestRun& command) {
  if (command.parent && !may_be_parent(*facts.parent, command.scope)) return no_such_parent();
  if (!command.rerun_of) return {};
  if (!facts.rerun_of->exists() || facts.rerun_of->scope != command.scope)
    return reject("rerun_of.not_found", "expected rerun_of to be a run of the same scope, found none");
  if (facts.rerun_of->active())
    return reject("rerun_of.not_completed", "expected rerun_of to be a completed run, found an active one");
  return {};
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

bool same_request(const Facts& facts, const RunState& run, const RequestRun& command) {
  return run.content == facts.contents.request_digest(command);
}

Rejection other_input() {
  return reject("run.exists_with_other_input",
                "expected the scope, type and input that the run of this id was requested with, found others");
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

AttemptStarted started_event(AttemptNumber attempt, const Policy& policy, const StartAttempt& command) {
  return AttemptStarted{.attempt = attempt, .worker = command.worker, .lease = policy.lease, .key = command.key};
}

// Adds the start of the next attempt to a decision.
void start_next(Decision& decision, const Facts& facts, AttemptNumber attempt, const Policy& policy,
                const StartAttempt& command) {
  const std::size_t before = decision.events.size();
  decision.events.push_back(started_event(attempt, policy, command));
  decision.reply.verdict = Verdict::kStarted;
  decision.reply.run = command.run;
  decision.reply.attempt = attempt;
  decision.reply.token = ScopeSequence{facts.next_in_scope.value + before};
  decision.reply.sequence = Sequence{facts.next.value + before};
  decision.reply.status = RunStatus::kRunning;
}

AttemptNumber last_attempt(const RunState& run) {
  return AttemptNumber{static_cast<std::uint32_t>(run.attempts.size())};
}

bool attempt_left(const RunState& run) {
  return run.attempts.size() < run.policy.max_attempts;
}

RunFailed failed_event(const Facts& facts, ReasonCode reason, std::vector<FailureNote> failures, RunOutcome outcome,
                       std::optional<SanitizedText> initiator = {}) {
  RunFailed event{.reason_code = std::move(reason),
                  .failures = std::move(failures),
                  .outcome = outcome,
                  .digest = {},
                  .initiator = std::move(initiator)};
  event.digest = facts.contents.report_digest(event);
  return event;
}

// Closes the open attempt as lost and, when no attempt is left, fails the run. The answer is that of a skipped start;
// callers change it when the start goes on or when they expire a lease.
Decision close_lost(const Facts& facts, RunId id) {
  const AttemptNumber attempt = last_attempt(facts.run);
  const FailureNote note{*parse_reason_code(kLeaseExpired),
                         sanitize("the lease ran out before the worker reported an end")};
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

Answered start_live(const Facts& facts, const StartAttempt& command) {
  const AttemptState* open = facts.run.open_attempt();
  RUNLEDGER_ASSERT(open == nullptr || facts.lease_left);
  if (open != nullptr && *facts.lease_left > Duration::zero()) {
    return dedupe(
        facts, facts.run, command.run,
        {DedupeRule::kAttemptActive, DedupeStage::kExecute, command.worker, facts.now + *facts.lease_left, {}});
  }
  // A run that a journal left open is taken over by its first live start, if its identity is free.
  const bool may_start = facts.run.imported_open() ? !facts.identity.active : facts.identity.active == command.run;
  if (!may_start) {
    return dedupe(facts, facts.run, command.run,
                  {DedupeRule::kNotCanonical, DedupeStage::kExecute, command.worker, {}, {}});
  }
  Decision decision{{}, reply_about(facts.run, command.run, Verdict::kSkipped)};
  if (open != nullptr) decision = close_lost(facts, command.run);
  if (attempt_left(facts.run)) {
    start_next(decision, facts, last_attempt(facts.run).next(), facts.run.policy, command);
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
      Decision decision = repeat(facts.run, command.run, Verdict::kStarted, number, known->started_by);
      decision.reply.token = known->token;
      return decision;
    }
  }
  if (!facts.run.active()) {
    return dedupe(facts, facts.run, command.run,
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
                     .contents = facts.contents};
  Answered answered = decide_on(of_run, StartAttempt{.run = id, .worker = command.worker});
  if (auto* decision = std::get_if<Decision>(&answered)) decision->reply.warnings = dropped_from(command.request);
  return answered;
}

Answered decide_on(const Facts& facts, const StartByIdentity& command) {
  const RequestRun& request = command.request;
  if (facts.run.exists()) {
    if (!same_request(facts, facts.run, request)) return other_input();
    return start_existing(facts, facts.run, request.run, command);
  }
  if (facts.identity.active) return start_existing(facts, facts.canonical, *facts.identity.active, command);
  if (in_cooldown(facts) && !request.force) {
    return dedupe_request(facts, request, facts.canonical, *facts.identity.last,
                          {DedupeRule::kCooldown, DedupeStage::kExecute, command.worker, facts.identity.cooldown_until,
                           wanted_id(request)});
  }
  Answered requested = request_new(facts, request);
  if (auto* decision = std::get_if<Decision>(&requested)) {
    start_next(*decision, facts, AttemptNumber{1}, request.policy,
               StartAttempt{.run = request.run, .worker = command.worker});
  }
  return requested;
}

// --- claim and expire ------------------------------------------------------------------------------------------------

Answered decide_on(const Facts& facts, const ClaimRun& command) {
  const bool queued = facts.run.exists() && facts.run.status == RunStatus::kQueued;
  if (!queued || last_attempt(facts.run).next() != command.next || facts.identity.active != command.run) {
    return reject("claim.lost", "expected a run that is queued for the attempt that was to be claimed");
  }
  Decision decision{{}, reply_about(facts.run, command.run, Verdict::kStarted)};
  start_next(decision, facts, command.next, facts.run.policy,
             StartAttempt{.run = command.run, .worker = command.worker});
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

// --- heartbeat and finish --------------------------------------------------------------------------------------------

// Returns the number of the attempt that the command names, or refuses.
Result<AttemptNumber> resolve(const RunState& run, const std::variant<AttemptRef, AttemptKey>& named) {
  if (const auto* key = std::get_if<AttemptKey>(&named)) {
    for (std::size_t i = 0; i < run.attempts.size(); ++i) {
      if (run.attempts[i].key == *key) return AttemptNumber{static_cast<std::uint32_t>(i + 1)};
    }
    return reject("attempt.not_started", "expected an attempt that was started, found none of that key");
  }
  const auto& ref = std::get<AttemptRef>(named);
  if (ref.attempt.value == 0 || ref.attempt.value > run.attempts.size()) {
    return reject("attempt.not_started",
                  fmt::format("expected an attempt from 1 to {}, found {}", run.attempts.size(), ref.attempt.value));
  }
  if (run.attempts[ref.attempt.value - 1].token != ref.token) {
    return reject("attempt.wrong_token",
                  fmt::format("expected the token that attempt {} was started with, found another", ref.attempt.value));
  }
  return ref.attempt;
}

Answered decide_on(const Facts& facts, const Heartbeat& command) {
  if (!facts.run.exists()) return run_not_found();
  const Result<AttemptNumber> number = resolve(facts.run, command.attempt);
  if (!number) return number.rejection();
  switch (facts.run.attempts[number->value - 1].status) {
    case AttemptStatus::kOpen: {
      Reply reply = reply_about(facts.run, command.run, Verdict::kAlive);
      reply.attempt = *number;
      reply.token = command.attempt.token;
      reply.retry_after = facts.run.policy.lease;  // Tells the worker how often it has to send a heartbeat.
      reply.sequence = Sequence{};
      return Decision{{}, reply};
    }
    case AttemptStatus::kFinished:
      return reject("attempt.already_finished", fmt::format("attempt {} has ended", number->value));
    case AttemptStatus::kLate:
    case AttemptStatus::kLost:
    case AttemptStatus::kSuperseded:
      return reject("attempt.superseded", fmt::format("attempt {} was overtaken: stop its work", number->value));
  }
  RUNLEDGER_ASSERT(false);
  return run_not_found();
}

AttemptFinished finished_event(const Facts& facts, AttemptNumber attempt, const FinishAttempt& command,
                               Disposition disposition) {
  return AttemptFinished{.attempt = attempt,
                         .outcome = command.outcome,
                         .summary_counts = command.summary_counts,
                         .failures = command.failures,
                         .retryable = command.retryable,
                         .disposition = disposition,
                         .digest = facts.contents.report_digest(command)};
}

Decision record_late(const Facts& facts, AttemptNumber number, const FinishAttempt& command) {
  Reply reply = reply_about(facts.run, command.run, Verdict::kLate);
  reply.attempt = number;
  reply.sequence = facts.next;
  return Decision{{finished_event(facts, number, command, Disposition::kLate)}, reply};
}

// Ends the open attempt, and with it the run unless an attempt is left for a retry.
Decision finish_open(const Facts& facts, AttemptNumber number, const FinishAttempt& command) {
  Decision decision{{}, reply_about(facts.run, command.run, Verdict::kFinished)};
  decision.reply.attempt = number;
  decision.reply.sequence = facts.next;
  if (command.outcome != AttemptOutcome::kFailed) {
    decision.events.push_back(finished_event(facts, number, command, Disposition::kCompletes));
    decision.reply.status = RunStatus::kCompleted;
    decision.reply.outcome = run_outcome(command.outcome);
    return decision;
  }
  if (command.retryable && attempt_left(facts.run)) {
    const Duration delay = facts.run.policy.backoff.after(number);
    AttemptFinished event = finished_event(facts, number, command, Disposition::kRetries);
    event.not_before = facts.now + delay;
    decision.events.push_back(std::move(event));
    decision.reply.status = RunStatus::kQueued;
    decision.reply.retry_after = delay;
    return decision;
  }
  const ReasonCode reason =
      command.failures.empty() ? *parse_reason_code(kAttemptFailed) : command.failures.front().reason_code;
  decision.events.push_back(finished_event(facts, number, command, Disposition::kExhausts));
  decision.events.push_back(failed_event(facts, reason, command.failures, RunOutcome::kFailed));
  decision.reply.sequence = facts.next.next();
  decision.reply.status = RunStatus::kCompleted;
  decision.reply.outcome = RunOutcome::kFailed;
  return decision;
}

bool is_allowed(const CatalogEntry& type, const CountKey& key) {
  return type.summary_keys.empty() ||
         std::find(type.summary_keys.begin(), type.summary_keys.end(), key) != type.summary_keys.end();
}

// Returns the report without the counts that the type does not allow. A report is recognised again by what was kept.
FinishAttempt kept_of(const CatalogEntry& type, FinishAttempt report) {
  std::erase_if(report.summary_counts, [&](const auto& count) {
    if (is_allowed(type, count.first)) return false;
    warn(report, "counts.key_not_allowed", "summary_counts." + count.first.str());
    return true;
  });
  return report;
}

Answered finish_attempt(const Facts& facts, AttemptNumber number, const FinishAttempt& command) {
  const AttemptState& attempt = facts.run.attempts[number.value - 1];
  if (attempt.status == AttemptStatus::kFinished || attempt.status == AttemptStatus::kLate) {
    if (attempt.finish != facts.contents.report_digest(command)) {
      return reject("attempt.already_finished",
                    fmt::format("expected the report that attempt {} ended with, found another", number.value));
    }
    const bool late = attempt.status == AttemptStatus::kLate;
    // The first answer to an end that exhausted its run named the run's failure, which comes right after it. After an
    // end that left the run to be retried, the next event may be a failure too, but of another command.
    const bool retries = command.retryable && number.value < facts.run.policy.max_attempts;
    const bool exhausted = !late && command.outcome == AttemptOutcome::kFailed && !retries;
    Decision decision = repeat(facts.run, command.run, late ? Verdict::kLate : Verdict::kFinished, number,
                               exhausted ? attempt.finished_by.next() : attempt.finished_by);
    if (facts.retry_at && number == last_attempt(facts.run))
      decision.reply.retry_after = std::max(Duration::zero(), *facts.retry_at - facts.now);
    return decision;
  }
  if (attempt.status == AttemptStatus::kOpen) return finish_open(facts, number, command);
  return record_late(facts, number, command);
}

Answered decide_on(const Facts& facts, const FinishAttempt& command) {
  RUNLEDGER_ASSERT(command.outcome != AttemptOutcome::kLost);
  if (!facts.run.exists()) return run_not_found();
  const Result<AttemptNumber> number = resolve(facts.run, command.attempt);
  if (!number) return number.rejection();
  const auto is_kept = [&](const auto& count) { return is_allowed(facts.type, count.first); };
  if (!std::all_of(command.summary_counts.begin(), command.summary_counts.end(), is_kept))
    return decide_on(facts, kept_of(facts.type, command));
  Answered answered = finish_attempt(facts, *number, command);
  if (auto* decision = std::get_if<Decision>(&answered)) decision->reply.warnings = command.warnings;
  return answered;
}

// --- fail ------------------------------------------------------------------------------------------------------------

Rejection changed_since(const ExpectedRunState& seen, const ExpectedRunState& now) {
  return reject("run.changed",
                fmt::format("expected a run that is {} after attempt {}, found it {} after attempt {}",
                            to_string(seen.status), seen.attempt.value, to_string(now.status), now.attempt.value));
}

Answered decide_on(const Facts& facts, const FailRun& command) {
  if (!facts.run.exists()) return run_not_found();
  std::vector<FailureNote> failures;
  if (!command.message.empty()) failures.push_back({command.reason_code, command.message});
  RunFailed event = failed_event(facts, command.reason_code, std::move(failures), command.outcome, command.initiator);
  if (!facts.run.active()) {
    if (facts.run.ended_by == event.digest) {
      return repeat(facts.run, command.run, Verdict::kFailed, {}, facts.run.completed_by);
    }
    return run_completed(facts.run);
  }
  const ExpectedRunState now{.status = facts.run.status, .attempt = last_attempt(facts.run)};
  if (command.seen && *command.seen != now) return changed_since(*command.seen, now);
  Reply reply = reply_about(facts.run, command.run, Verdict::kFailed);
  reply.sequence = facts.next;
  reply.status = RunStatus::kCompleted;
  reply.outcome = command.outcome;
  return Decision{{std::move(event)}, reply};
}

}  // namespace

Answered decide(const Facts& facts, const Command& command) {
  return std::visit([&](const auto& each) { return decide_on(facts, each); }, command);
}

}  // namespace runledger
