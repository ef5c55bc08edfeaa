// From the end of a job, however it ends, to what is reported of its attempt.
#pragma once

#include <stop_token>

#include "jobs/worker/job.h"

namespace runledger {

// Runs the job, and gives what it reports. What it throws becomes an attempt that failed:
// - JobFailure: with its code and counts, retryable as it says;
// - anything after `stop` was requested: "worker.stopped", retryable, with the counts of a JobFailure;
// - another std::exception: "job.crashed", retryable.
// A report that the ledger could not take (more counts or failures than an event holds, a count above kCountMax, an
// attempt reported as lost) is cut down to what it can, and says so with a failure "job.bad_report".
[[nodiscard]] JobReport carry_out(Job& job, const JobAssignment& assignment, const std::stop_token& stop);

// The same report without its counts, after the ledger refused them: the work was done and its outcome stands. Says why
// with a failure "job.bad_report".
[[nodiscard]] JobReport without_counts(JobReport report, const Rejection& refused);

}  // namespace runledger
