// The rules for a run that was requested, carried out and ended while the ledger could not be reached.
//
// What was done cannot be refused, so the decision is only whether the run takes its place among the runs of its
// identity:
//  - Usually it does, as if a journal had told it: it held the identity, and its cooldown counts from its own times.
//  - If a live run holds the identity now, or if it was requested within the cooldown of another run, it duplicates
//    that one. It ends with the reason "spool.late_work", and the end of its last attempt is recorded as late.
//  - If a newer run has had the identity, or a journal's open run holds it, the run is recorded with its own outcome.
// In the last two cases it gets an identity that only it has, so that it moves neither holder nor cooldown.
//
// The run is completed by the decision, so no other command ever sees it open.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/rules/content_digests.h"
#include "ledger/rules/decisions.h"
#include "ledger/rules/report.h"
#include "ledger/rules/run.h"
#include "ledger/values/sha256.h"

namespace runledger::deciding {
namespace {

constexpr std::string_view kLateWork = "spool.late_work";
constexpr std::string_view kCancelledRun = "run.cancelled";

// Says, as in a journal, that the ledger watches no lease of the attempt. By the key of its first attempt, a run that
// is told again is recognised.
AttemptKey key_of(const RecordSpooledRun& command, std::size_t index) {
  return content_digest(
      {"spooled", command.request.run.value.view(), fmt::format("{} {}", command.requested_at.unix_us, index + 1)});
}

// Collects the events of a decision. Their times do not go back, and are not after the ledger's: the clock of a machine
// that was alone may be wrong.
class SpooledEvents {
 public:
  SpooledEvents(const Facts& facts, const RecordSpooledRun& command, RequestRun request)
      : facts_(facts), command_(command), request_(std::move(request)) {
    add(requested_event(facts_, request_), command_.requested_at);
  }

  // An ordinary history: the last attempt ends the run.
  void end_as_it_did() {
    for (std::size_t i = 0; i < command_.attempts.size(); ++i) {
      start(i);
      end(i, i + 1 == command_.attempts.size());
    }
  }

  // The run ends for that reason before its last attempt does, whose end is then late. A lost attempt has none.
  void end_late(DedupeRule rule) {
    const std::size_t last = command_.attempts.size() - 1;
    for (std::size_t i = 0; i < last; ++i) {
      start(i);
      end(i, false);
    }
    start(last);
    const SpooledAttempt& attempt = command_.attempts[last];
    fail({*parse_reason_code(kLateWork), sanitize(fmt::format("the work was done without the ledger, which would have "
                                                              "answered with another run ({})",
                                                              to_string(rule)))},
         RunOutcome::kCancelled, attempt.ended_at);
    if (attempt.outcome != AttemptOutcome::kLost) add(finished(last, Disposition::kLate), attempt.ended_at);
  }

  [[nodiscard]] Decision take(Verdict verdict, std::optional<DedupeRule> rule) {
    Reply& reply = decision_.reply;
    reply = Reply{.verdict = verdict,
                  .rule = rule,
                  .run = request_.run,
                  .attempt = number(command_.attempts.size() - 1),
                  .sequence = Sequence{facts_.next.value + decision_.events.size() - 1}};
    reply.status = RunStatus::kCompleted;
    reply.outcome = outcome_;
    reply.warnings = std::move(request_.warnings);
    if (reply.warnings.size() > kWarningsMax) reply.warnings.resize(kWarningsMax);
    return std::move(decision_);
  }

 private:
  static AttemptNumber number(std::size_t index) { return AttemptNumber{static_cast<std::uint32_t>(index + 1)}; }

  void add(Event event, Time at) {
    happened_at_ = std::clamp(at, happened_at_, std::max(facts_.now, happened_at_));
    decision_.events.push_back(std::move(event));
    decision_.happened_at.push_back(happened_at_);
  }

  void start(std::size_t index) {
    add(AttemptStarted{.attempt = number(index),
                       .worker = command_.worker,
                       .lease = request_.policy.lease,
                       .key = key_of(command_, index)},
        command_.attempts[index].started_at);
  }

  AttemptFinished finished(std::size_t index, Disposition disposition) {
    const SpooledAttempt& attempt = command_.attempts[index];
    if (attempt.outcome == AttemptOutcome::kLost) {
      return AttemptFinished{.attempt = number(index),
                             .outcome = AttemptOutcome::kLost,
                             .failures = {lease_expired()},
                             .disposition = disposition};
    }
    FinishAttempt report = kept_of(facts_.type, FinishAttempt{.run = request_.run,
                                                              .attempt = AttemptRef{number(index), {}},
                                                              .outcome = attempt.outcome,
                                                              .summary_counts = attempt.summary_counts,
                                                              .failures = attempt.failures,
                                                              .retryable = attempt.retryable});
    std::move(report.warnings.begin(), report.warnings.end(), std::back_inserter(request_.warnings));
    return AttemptFinished{.attempt = number(index),
                           .outcome = report.outcome,
                           .summary_counts = report.summary_counts,
                           .failures = report.failures,
                           .retryable = report.retryable,
                           .disposition = disposition,
                           .digest = facts_.contents.report_digest(report)};
  }

  void end(std::size_t index, bool last) {
    const SpooledAttempt& attempt = command_.attempts[index];
    const bool failed = attempt.outcome == AttemptOutcome::kFailed || attempt.outcome == AttemptOutcome::kLost;
    if (!failed) {
      outcome_ = run_outcome(attempt.outcome);
      return add(finished(index, Disposition::kCompletes), attempt.ended_at);
    }
    AttemptFinished event = finished(index, last ? Disposition::kExhausts : Disposition::kRetries);
    if (!last) event.not_before = std::min(attempt.ended_at, facts_.now) + request_.policy.backoff.after(number(index));
    const std::vector<FailureNote> failures = event.failures;
    add(std::move(event), attempt.ended_at);
    if (!last) return;
    if (command_.cancelled) {
      const FailureNote note{*parse_reason_code(kCancelledRun), sanitize("exec got a signal between two attempts")};
      return fail(note, RunOutcome::kCancelled, attempt.ended_at);
    }
    const FailureNote why = failures.empty() ? FailureNote{*parse_reason_code("attempt.failed"), {}} : failures.front();
    outcome_ = RunOutcome::kFailed;
    add(failed_event(facts_, why.reason_code, failures, outcome_), attempt.ended_at);
  }

  void fail(const FailureNote& why, RunOutcome outcome, Time at) {
    outcome_ = outcome;
    add(failed_event(facts_, why.reason_code, {why}, outcome), at);
  }

  const Facts& facts_;
  const RecordSpooledRun& command_;
  RequestRun request_;
  Decision decision_;
  Time happened_at_;
  RunOutcome outcome_ = RunOutcome::kPending;
};

// Returns the rule by which the ledger would answer this request with another run; nullopt for a new run.
std::optional<DedupeRule> duplicate_by(const Facts& facts, const RecordSpooledRun& command) {
  if (facts.identity.active) return DedupeRule::kActiveRun;
  const std::optional<Time>& cooldown_until = facts.identity.cooldown_until;
  if (command.request.force || !cooldown_until || command.requested_at >= *cooldown_until) return {};
  return DedupeRule::kCooldown;
}

bool takes_identity(const Facts& facts, const RecordSpooledRun& command) {
  if (facts.identity.imported_active) return false;
  return !facts.identity.last || facts.canonical.requested_at <= command.requested_at;
}

// Takes out what the ledger would have refused, with a warning each.
void drop_unknown_relatives(const Facts& facts, RequestRun& request) {
  RequestRun with_parent = request;
  with_parent.rerun_of.reset();
  if (refuse_relatives(facts, with_parent)) {
    request.parent.reset();
    request.warnings.push_back({.code = "request.dropped", .path = "parent_run_id"});
  }
  if (refuse_relatives(facts, request)) {
    request.rerun_of.reset();
    request.warnings.push_back({.code = "request.dropped", .path = "rerun_of"});
  }
}

bool was_recorded(const Facts& facts, const RecordSpooledRun& command) {
  const RunState& run = facts.run;
  return !run.attempts.empty() && run.attempts.front().key == key_of(command, 0) &&
         same_request(facts, run, command.request);
}

Decision repeat_spooled(const RunState& run, RunId id) {
  const AttemptStatus last = run.attempts.back().status;
  const bool late = last == AttemptStatus::kLate || last == AttemptStatus::kSuperseded;
  return repeat(run, id, late ? Verdict::kLate : Verdict::kFinished, last_attempt(run), run.last_sequence);
}

}  // namespace

Answered decide_on(const Facts& facts, const RecordSpooledRun& command) {
  RUNLEDGER_ASSERT(!command.attempts.empty());
  if (facts.run.exists()) {
    if (!was_recorded(facts, command)) {
      return reject("run.exists_with_other_input",
                    "expected the id of a run that is recorded for the first time, found that of another run");
    }
    return repeat_spooled(facts.run, command.request.run);
  }
  RequestRun request = command.request;
  drop_unknown_relatives(facts, request);
  const auto attempts = static_cast<std::uint32_t>(command.attempts.size());
  request.policy.max_attempts = std::max(request.policy.max_attempts, attempts);
  const std::optional<DedupeRule> duplicate = duplicate_by(facts, command);
  if (duplicate || !takes_identity(facts, command))
    request.identity = facts.contents.separate_identity(request.identity, request.run);
  SpooledEvents record(facts, command, std::move(request));
  if (duplicate) {
    record.end_late(*duplicate);
  } else {
    record.end_as_it_did();
  }
  return record.take(duplicate ? Verdict::kLate : Verdict::kFinished, duplicate);
}

}  // namespace runledger::deciding
