// Knows the rules of one run that only this process works on: a failed attempt is retried while the policy allows it.
#include "tools/cli/spooling/client.h"

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/rules/run.h"

namespace runledger {

SpoolClient::SpoolClient(Spool spool, std::string ledger, const RunRequest& request, const SanitizedText& worker,
                         const Policy& policy)
    : spool_(std::move(spool)), policy_(policy) {
  record_.ledger = std::move(ledger);
  record_.lease = policy.lease;
  record_.run.request = request;
  record_.run.request.run = RunId{random_uuid()};
  record_.run.worker = worker;
  record_.run.requested_at = SystemClock().now();
  requested_.run = *record_.run.request.run;
}

Reply SpoolClient::reply(Verdict verdict) const {
  Reply reply{.verdict = verdict, .run = requested_.run, .sequence = {}};
  reply.attempt = AttemptNumber{static_cast<std::uint32_t>(record_.run.attempts.size())};
  reply.lease = policy_.lease;
  reply.status = record_.is_open ? RunStatus::kRunning : RunStatus::kQueued;
  return reply;
}

Answer SpoolClient::start() {
  const Time now = SystemClock().now();
  if (file_) {
    file_->append(start_line(now));
  } else {
    file_.emplace(
        spool_.create(record_.run.requested_at, requested_.run, opening_line(record_) + "\n" + start_line(now) + "\n"));
  }
  record_.run.attempts.push_back({.started_at = now, .ended_at = now});
  record_.is_open = true;
  return reply(Verdict::kStarted);
}

Answer SpoolClient::finish(const FinishAttempt& report) {
  const auto attempts = record_.run.attempts.size();
  const bool failed = report.outcome == AttemptOutcome::kFailed;
  const bool retries = failed && report.retryable && attempts < policy_.max_attempts;
  SpooledAttempt& attempt = record_.run.attempts.back();
  attempt.ended_at = SystemClock().now();
  attempt.outcome = report.outcome;
  attempt.summary_counts = report.summary_counts;
  attempt.failures = report.failures;
  attempt.retryable = report.retryable;
  file_->append(end_line(attempt, !retries));
  record_.is_open = false;
  Reply answer = reply(Verdict::kFinished);
  if (retries) {
    answer.retry_after = policy_.backoff.after(answer.attempt);
  } else {
    answer.status = RunStatus::kCompleted;
    answer.outcome = run_outcome(report.outcome);
  }
  return answer;
}

Answer SpoolClient::cancel() {
  if (file_) file_->append(cancel_line(SystemClock().now()));
  Reply answer = reply(Verdict::kCancelled);
  answer.status = RunStatus::kCompleted;
  answer.outcome = RunOutcome::kCancelled;
  return answer;
}

// A run that is cancelled before its first attempt has no file: nothing was done.
Answer SpoolClient::submit(const Ask& ask, const CommandOptions&) {
  const MutexLock lock(mutex_);
  if (std::holds_alternative<StartAttempt>(ask)) return start();
  if (const auto* report = std::get_if<FinishAttempt>(&ask)) return finish(*report);
  if (std::holds_alternative<FailRun>(ask)) return cancel();
  RUNLEDGER_ASSERT(std::holds_alternative<Heartbeat>(ask));
  file_->give_sign_of_life();
  Reply alive = reply(Verdict::kAlive);
  alive.retry_after = policy_.lease;
  return alive;
}

}  // namespace runledger
