// Runs a job and turns its end, however it ends, into the report of its attempt.
#pragma once

#include <stop_token>

#include "jobs/worker/job.h"

namespace runledger {

// Runs the job on the calling thread and returns its report. An exception becomes the report of a failed attempt:
// - JobFailure: its code and counts, retryable as it says;
// - any exception after `stop` was requested: "worker.stopped", retryable, with the counts of a JobFailure;
// - any other std::exception: "job.crashed", retryable.
//
// The ledger does not accept a report with more counts or failures than an event holds, with a count above kCountMax,
// or with the outcome kLost. Such a report is reduced to an acceptable one; a failure "job.bad_report" says so.
[[nodiscard]] JobReport carry_out(Job& job, const JobAssignment& assignment, const std::stop_token& stop);

}  // namespace runledger
