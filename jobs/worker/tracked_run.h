// What is done around every job: its attempt is kept alive, its end is reported, whatever happens in between.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "jobs/worker/attempt_heartbeat.h"
#include "jobs/worker/job.h"

namespace runledger {

struct TrackingOptions {
  // For how long the end is told again while the ledger does not answer or is overloaded. After it the worker gives up:
  // the lease lets another one take the run, and work that is done is done once more.
  std::chrono::milliseconds report_patience = std::chrono::minutes(10);
  // For how long once the stop is requested, also when that was before the job ended. The command that is on its way is
  // waited for all the same.
  std::chrono::milliseconds farewell = std::chrono::seconds(5);
  // A failure is final although the run's policy would allow another attempt.
  bool last_try = false;
};

struct TrackedEnd {
  JobReport report;
  // What the ledger said to it. Absent: the attempt was lost to another, and the job gave up; nothing was reported.
  // kLate: it was lost, and the job came to its end all the same; recorded without effect. UnknownOutcome: given up.
  std::optional<Answer> answer;
  std::optional<Rejection> lost;  // Why the job was told to stop, where the ledger said so.
};

// Runs `job` on the calling thread. The job's stop is requested when `stop` is, and when a heartbeat learns that the
// attempt is no longer this worker's; whoever requests it waits no longer than for the job's end and a farewell. The
// end is sent under one command id, so a lost answer never makes it two. Throws Failure where trying again cannot help;
// the attempt is then left to its lease.
[[nodiscard]] TrackedEnd run_tracked(LedgerClient& client, const HeldAttempt& attempt, Job& job,
                                     const JobAssignment& assignment, const std::stop_token& stop,
                                     const TrackingOptions& options = {});

}  // namespace runledger
