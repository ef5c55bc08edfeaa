// Heartbeats while the job runs and its end is reported, and repeats of that report until the ledger answers.
//
// Two threads work on one attempt. The calling thread runs the job and then reports its end; the thread of
// AttemptHeartbeat keeps the lease alive. They share a Loss and `stop_job`: when a heartbeat learns that the attempt is
// lost, it first stores why and then requests the stop of the job. The worker's own stop is forwarded to it as well.
//
// Steps:
// 1. carry_out() (job_report.h) runs the job and turns its end into a report.
// 2. If the attempt was lost and the job failed, nothing is sent. If the job came to another end in spite of the loss,
//    that end is reported, and the ledger records it as late.
// 3. send_report() sends FinishAttempt until the ledger answers. After UnknownOutcome, "overloaded", or a temporary
// Failure
//    (kRetryLater, kReconnect, kAskLedger) it tries again, with doubling delays; another Failure goes to the caller.
// 4. If the ledger refuses the counts, the report is sent a second time without them, under a new command id.
//
// Every repeat within one send_report() has the same command id, so the ledger records the end once even if the answer
// to an earlier try was lost. The heartbeat object lives until the end of run_tracked(), so the lease cannot run out
// during the repeats. A deadline limits the repeats: `report_timeout` in the normal case, `shutdown_timeout` after a
// stop.
#include "jobs/worker/tracked_run.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "jobs/worker/job_report.h"
#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "ledger/base/retry.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr RetryDelays kReportAgain{.first = milliseconds(100), .max = milliseconds(5000)};
constexpr milliseconds kReportAgainWhenStoppingMax{500};

// Why the attempt was lost. The heartbeat's thread sets it, and the thread of the job reads it.
class Loss {
 public:
  void set(const Rejection& why) {
    const MutexLock lock(mutex_);
    why_ = why;
  }
  [[nodiscard]] std::optional<Rejection> get() const {
    const MutexLock lock(mutex_);
    return why_;
  }

 private:
  mutable Mutex mutex_;
  std::optional<Rejection> why_ RUNLEDGER_GUARDED_BY(mutex_);
};

bool is_worth_repeating(const Answer& answer) {
  if (std::holds_alternative<UnknownOutcome>(answer)) return true;
  const auto* rejection = std::get_if<Rejection>(&answer);
  return rejection != nullptr && rejection->code == "overloaded";
}

Answer finish_once(LedgerClient& client, const FinishAttempt& finish, const CommandOptions& options) {
  try {
    return client.submit(finish, options);
  } catch (const Failure& failure) {
    if (!failure.may_pass()) throw;
    return UnknownOutcome{failure.what()};
  }
}

// The time limit for repeating the report.
class ReportDeadline {
 public:
  ReportDeadline(const std::stop_token& stop, const TrackingOptions& options)
      : stop_(stop),
        shutdown_timeout_(options.shutdown_timeout),
        deadline_(steady_clock::now() + options.report_timeout) {}

  // Waits before the next try. Returns false when the time is up. A stop ends the wait early: the next try follows
  // immediately, and further tries only until `shutdown_timeout` has passed.
  [[nodiscard]] bool wait(milliseconds delay) {
    if (stopping_) delay = std::min(delay, kReportAgainWhenStoppingMax);
    if (steady_clock::now() + delay > deadline_) return false;
    if (stopping_) {
      std::this_thread::sleep_for(delay);
      return true;
    }
    if (!wait_unless_stopped(stop_, delay)) {
      stopping_ = true;
      deadline_ = std::min(deadline_, steady_clock::now() + shutdown_timeout_);
    }
    return true;
  }

 private:
  const std::stop_token& stop_;
  const milliseconds shutdown_timeout_;
  steady_clock::time_point deadline_;
  bool stopping_ = false;
};

Answer send_report(LedgerClient& client, const HeldAttempt& attempt, const JobReport& report, ReportDeadline deadline) {
  const FinishAttempt finish{.run = attempt.run,
                             .attempt = attempt.ref,
                             .outcome = report.outcome,
                             .summary_counts = report.summary_counts,
                             .failures = report.failures,
                             .retryable = report.retryable};
  const CommandOptions options{.id = CommandId{random_uuid()}};
  for (unsigned tries = 1;; ++tries) {
    Answer answer = finish_once(client, finish, options);
    if (!is_worth_repeating(answer) || !deadline.wait(kReportAgain.after(tries))) return answer;
  }
}

}  // namespace

TrackedEnd run_tracked(LedgerClient& client, const HeldAttempt& attempt, Job& job, const JobAssignment& assignment,
                       const std::stop_token& stop, const TrackingOptions& options) {
  std::stop_source stop_job;
  const std::stop_callback pass_on(stop, [&stop_job] { stop_job.request_stop(); });
  Loss loss;
  const AttemptHeartbeat heartbeat(client, attempt, [&](const Rejection& why) {
    loss.set(why);
    stop_job.request_stop();
  });
  TrackedEnd end{.report = carry_out(job, assignment, stop_job.get_token()), .lost = loss.get()};
  if (options.last_try) end.report.retryable = false;
  // The ledger already knows that the attempt is over, and a failure caused by the stop adds nothing to that.
  if (end.lost && end.report.outcome == AttemptOutcome::kFailed) return end;
  end.answer = send_report(client, attempt, end.report, ReportDeadline(stop, options));
  return end;
}

}  // namespace runledger
