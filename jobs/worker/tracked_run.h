// Runs a job, keeps its attempt alive while it works, and reports its end to the ledger.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "jobs/worker/attempt_heartbeat.h"
#include "jobs/worker/job.h"

namespace runledger {

struct TrackingOptions {
  // For how long the report is repeated while the ledger does not answer or is overloaded. After that the worker gives
  // up: the lease runs out, another worker takes the run, and the work is done a second time.
  std::chrono::milliseconds report_timeout = std::chrono::minutes(10);
  // The same limit after the stop is requested, whether that happened before or after the end of the job. A command
  // that has already been sent is waited for in any case.
  std::chrono::milliseconds shutdown_timeout = std::chrono::seconds(5);
  // Reports a failure as not retryable, even if the run's policy would allow another attempt.
  bool last_try = false;
};

struct TrackedEnd {
  JobReport report;
  // The answer of the ledger to the report. Absent: the attempt was lost and the job failed, so nothing was reported.
  // Verdict kLate: the attempt was lost but the job came to its end; the report was recorded without effect.
  // UnknownOutcome: the time for repeats was up.
  std::optional<Answer> answer = {};
  std::optional<Rejection> lost;  // The ledger's reason, if it declared the attempt lost while the job ran.
};

// Runs `job` on the calling thread. The job's stop is requested when `stop` is, and when a heartbeat learns that this
// worker no longer holds the attempt. After a request of `stop` the call takes at most as long as the job needs to end,
// plus `shutdown_timeout`, plus the command that is under way. Repeats of the report use one command id, so the end is
// recorded once even if an answer is lost. Throws Failure when a repeat cannot help; the lease then ends the attempt.
[[nodiscard]] TrackedEnd run_tracked(LedgerClient& client, const HeldAttempt& attempt, Job& job,
                                     const JobAssignment& assignment, const std::stop_token& stop,
                                     const TrackingOptions& options = {});

}  // namespace runledger
