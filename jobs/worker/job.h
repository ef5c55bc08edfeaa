// What a job is: the work that is done for a run of one type, and what it reports.
#pragma once

#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

// What a job is given: its run, and the attempt that it is done in.
struct JobAssignment {
  RunId run;
  Scope scope;
  RunType type;
  RunInput input;
  AttemptNumber attempt;
};

// How an attempt ended, as its worker tells it. The counts are absolute, never added to those of an earlier attempt.
struct JobReport {
  AttemptOutcome outcome = AttemptOutcome::kSucceeded;  // Any but kLost.
  Counts summary_counts;
  std::vector<FailureNote> failures;  // At most kFailuresPerEventMax.
  bool retryable = true;              // After kFailed: whether another attempt may do better.
};

// What a job throws when it cannot go on. Becomes an attempt that failed, with this reason and the counts so far.
class JobFailure : public std::runtime_error {
 public:
  // `message` is for people and is sanitised; it may be empty.
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

// One object does any number of runs, from several threads at once. Keeping the attempt alive and reporting its end is
// not its business: see tracked_run.h.
class Job {
 public:
  virtual ~Job() = default;

  [[nodiscard]] virtual RunType type() const = 0;
  // `stop` is requested when the attempt was lost, or the worker has to end: return or throw soon then. Throws
  // JobFailure, or anything else that is a std::exception, which is reported as "job.crashed" and may be retried.
  [[nodiscard]] virtual JobReport run(const JobAssignment& assignment, const std::stop_token& stop) = 0;
};

}  // namespace runledger
