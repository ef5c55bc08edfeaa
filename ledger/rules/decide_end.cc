// The rules for signs of life, for the end of an attempt, and for the end of a run: docs/semantics.md works them
// through, and decide.cc says what all rules keep.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/rules/content_digests.h"
#include "ledger/rules/decisions.h"
#include "ledger/rules/report.h"
#include "ledger/rules/run.h"

namespace runledger::deciding {

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

Decision repeat(const RunState& run, RunId id, Verdict verdict, AttemptNumber attempt, Sequence sequence) {
  Reply reply = reply_about(run, id, verdict);
  reply.attempt = attempt;
  reply.sequence = sequence;
  reply.repeated = true;
  return Decision{{}, reply};
}

AttemptNumber last_attempt(const RunState& run) {
  return AttemptNumber{static_cast<std::uint32_t>(run.attempts.size())};
}

bool attempt_left(const RunState& run) {
  return run.attempts.size() < run.policy.max_attempts;
}

RunFailed failed_event(const Facts& facts, ReasonCode reason, std::vector<FailureNote> failures, RunOutcome outcome,
                       std::optional<SanitizedText> initiator) {
  RunFailed event{.reason_code = std::move(reason),
                  .failures = std::move(failures),
                  .outcome = outcome,
                  .digest = {},
                  .initiator = std::move(initiator)};
  event.digest = facts.contents.report_digest(event);
  return event;
}

namespace {

constexpr std::string_view kAttemptFailed = "attempt.failed";

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

bool is_allowed(const CatalogEntry& type, const CountKey& key) {
  return type.summary_keys.empty() ||
         std::find(type.summary_keys.begin(), type.summary_keys.end(), key) != type.summary_keys.end();
}

// Extends the lease of an open attempt. The answer tells the worker how often it has to send a heartbeat.
Decision keep_alive(const Facts& facts, AttemptNumber number, const Heartbeat& command) {
  const AttemptState& attempt = facts.run.attempts.at(number.value - 1);
  Decision decision{{}, reply_about(facts.run, command.run, Verdict::kAlive)};
  Reply& reply = decision.reply;
  reply.attempt = number;
  reply.token = command.attempt.token;
  reply.retry_after = attempt.lease;
  reply.lease = attempt.lease;
  reply.sequence = Sequence{};
  reply.warnings = command.warnings;
  if (!command.progress) return decision;
  decision.progress.emplace();
  for (const auto& [key, count] : *command.progress) {
    if (is_allowed(facts.type, key)) {
      decision.progress->emplace(key, count);
    } else if (reply.warnings.size() < kWarningsMax) {
      reply.warnings.push_back({.code = "counts.key_not_allowed", .path = "progress." + key.str()});
    }
  }
  return decision;
}

}  // namespace

Answered decide_on(const Facts& facts, const Heartbeat& command) {
  if (!facts.run.exists()) return run_not_found();
  const Result<AttemptNumber> number = resolve(facts.run, command.attempt);
  if (!number) return number.rejection();
  switch (facts.run.attempts[number->value - 1].status) {
    case AttemptStatus::kOpen:
      return keep_alive(facts, *number, command);
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

namespace {

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

}  // namespace

FinishAttempt kept_of(const CatalogEntry& type, FinishAttempt report) {
  std::erase_if(report.summary_counts, [&](const auto& count) {
    if (is_allowed(type, count.first)) return false;
    warn(report, "counts.key_not_allowed", "summary_counts." + count.first.str());
    return true;
  });
  return report;
}

namespace {

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
    if (facts.run.not_before && number == last_attempt(facts.run))
      decision.reply.retry_after = std::max(Duration::zero(), *facts.run.not_before - facts.now);
    return decision;
  }
  if (attempt.status == AttemptStatus::kOpen) return finish_open(facts, number, command);
  return record_late(facts, number, command);
}

}  // namespace

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

namespace {

// --- fail ------------------------------------------------------------------------------------------------------------

Rejection changed_since(const ExpectedRunState& seen, const ExpectedRunState& now) {
  return reject("run.changed",
                fmt::format("expected a run that is {} after attempt {}, found it {} after attempt {}",
                            to_string(seen.status), seen.attempt.value, to_string(now.status), now.attempt.value));
}

}  // namespace

Answered decide_on(const Facts& facts, const FailRun& command) {
  if (!facts.run.exists()) return run_not_found();
  std::vector<FailureNote> failures;
  if (!command.message.empty()) failures.push_back({command.reason_code, command.message});
  RunFailed event = failed_event(facts, command.reason_code, std::move(failures), command.outcome, command.initiator);
  const Verdict verdict = command.outcome == RunOutcome::kCancelled ? Verdict::kCancelled : Verdict::kFailed;
  if (!facts.run.active()) {
    if (facts.run.ended_by == event.digest) {
      return repeat(facts.run, command.run, verdict, {}, facts.run.completed_by);
    }
    return run_completed(facts.run);
  }
  const ExpectedRunState now{.status = facts.run.status, .attempt = last_attempt(facts.run)};
  if (command.seen && *command.seen != now) return changed_since(*command.seen, now);
  Reply reply = reply_about(facts.run, command.run, verdict);
  reply.sequence = facts.next;
  reply.status = RunStatus::kCompleted;
  reply.outcome = command.outcome;
  return Decision{{std::move(event)}, reply};
}

}  // namespace runledger::deciding
