// A command as a job: what its end means for the attempt.
#pragma once

#include <functional>

#include "jobs/exec/command_process.h"
#include "jobs/worker/job.h"

namespace runledger {

// The end of the command, as its attempt reports it. Retryable unless it says so:
//   status 0                             succeeded
//   status 126 and 127, or no such file  failed, "exec.not_found", not retryable
//   another status                       failed, "exec.exit_status"
//   killed by a signal                   failed, "exec.signaled"
//   told to end, its time was up         failed, "exec.timeout"
//   told to end, the attempt was lost    failed, "worker.stopped"
//   a signal was passed on to it         cancelled, "exec.signaled"; with status 0 succeeded, which is its own word
[[nodiscard]] JobReport report_of(const CommandEnd& end, const std::string& program);

// Runs one command for any run. On one thread at a time. Where the system refuses a process or a pipe: JobFailure
// "exec.failed", retryable.
class CommandJob final : public Job {
 public:
  using Complain = std::function<void(const Rejection&)>;

  // `signals` is not owned. The command finds the run in its environment: RUNLEDGER_RUN_ID, RUNLEDGER_ATTEMPT,
  // RUNLEDGER_WORKSPACE, RUNLEDGER_TENANT (where there is one), RUNLEDGER_TYPE and RUNLEDGER_INPUT.
  CommandJob(RunType type, CommandOrder order, PassedSignals& signals, Complain complain);

  [[nodiscard]] RunType type() const override { return type_; }
  [[nodiscard]] JobReport run(const JobAssignment& assignment, const std::stop_token& stop) override;

 private:
  RunType type_;
  CommandOrder order_;
  PassedSignals& signals_;
  Complain complain_;
};

}  // namespace runledger
