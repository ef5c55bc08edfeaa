// The interface of a job: the code that does the work of runs of one type, and the report that it returns.
#pragma once

#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

// The arguments of a job: the run, and the attempt in which the job works on it.
struct JobAssignment {
  RunId run;
  Scope scope;
  RunType type;
  RunInput input;
  AttemptNumber attempt;
};

// How an attempt ended, in the words of its worker. The counts are absolute: they are never added to the counts of an
// earlier attempt.
struct JobReport {
  AttemptOutcome outcome = AttemptOutcome::kSucceeded;  // Any outcome except kLost.
  Counts summary_counts = {};
  std::vector<FailureNote> failures = {};  // At most kFailuresPerEventMax.
  bool retryable = true;                   // After kFailed: whether another attempt may succeed.
};

// A job throws this when it cannot go on. The attempt is then reported as failed, with this reason and the counts that
// the job had reached.
class JobFailure : public std::runtime_error {
 public:
  // `message` is for people; it is sanitised before it is stored, and may be empty.
  JobFailure(ReasonCode reason_code, const std::string& message, bool retryable, Counts counts = {})
      : std::runtime_error(message),
        reason_code_(std::move(reason_code)),
        counts_(std::move(counts)),
        retryable_(retryable) {}

  [[nodiscard]] const ReasonCode& reason_code() const noexcept { return reason_code_; }
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  [[nodiscard]] bool retryable() const noexcept { return retryable_; }

 private:
  ReasonCode reason_code_;
  Counts counts_;
  bool retryable_;
};

// One object serves any number of runs, on several threads at once. A job neither sends heartbeats nor reports its end:
// run_tracked() does both (tracked_run.h).
class Job {
 public:
  virtual ~Job() = default;

  [[nodiscard]] virtual RunType type() const = 0;
  // Does the work. `stop` is requested when the attempt is lost or the worker has to end; the job must then return or
  // throw soon. Throws JobFailure; any other std::exception is reported as "job.crashed", which is retryable.
  [[nodiscard]] virtual JobReport run(const JobAssignment& assignment, const std::stop_token& stop) = 0;
};

}  // namespace runledger
