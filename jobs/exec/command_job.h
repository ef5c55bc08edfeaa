// Runs a command as a job, and translates the command's end into the report of the attempt.
#pragma once

#include <array>
#include <functional>

#include "jobs/exec/command_process.h"
#include "jobs/worker/job.h"

namespace runledger {

// Returns the report for the end of a command. Failures are retryable unless this table says otherwise:
//   status 0                             succeeded, also after a signal: the command itself says so
//   status 126 and 127, or no such file  failed, "exec.not_found", not retryable
//   not started for a passing reason     failed, "exec.not_found"
//   another status                       failed, "exec.exit_status"
//   killed by a signal                   failed, "exec.signaled"
//   ended by us after its timeout        failed, "exec.timeout", whatever its status
//   ended by us on a stop request        failed, "worker.stopped", whatever its status
//   ended after we forwarded a signal    cancelled, "exec.signaled"
[[nodiscard]] JobReport report_of(const CommandEnd& end, const std::string& program);

// Returns the exit status by which a program that ran the command passes its end on: its own status, 128 + the number
// of the signal that killed it, 124 after its timeout, 127 if there is no such file, and 126 if the file cannot be
// executed.
[[nodiscard]] int exit_status_of(const CommandEnd& end);

// The environment variables that describe the run to its command. kTenantVariable is set only if the run has a tenant.
inline constexpr const char* kRunVariable = "RUNLEDGER_RUN_ID";
inline constexpr const char* kAttemptVariable = "RUNLEDGER_ATTEMPT";
inline constexpr const char* kWorkspaceVariable = "RUNLEDGER_WORKSPACE";
inline constexpr const char* kTenantVariable = "RUNLEDGER_TENANT";
inline constexpr const char* kTypeVariable = "RUNLEDGER_TYPE";
inline constexpr const char* kInputVariable = "RUNLEDGER_INPUT";

// All variables that a command finds set.
inline constexpr std::array kCommandVariables = {kRunVariable,  kAttemptVariable, kWorkspaceVariable, kTenantVariable,
                                                 kTypeVariable, kInputVariable,   kCountsVariable};

// Runs the same command for every run. Unlike other jobs it may be used by one thread at a time only, because it takes
// the signals of the process. Throws JobFailure "exec.failed", retryable, if the system refuses a process or a pipe.
class CommandJob final : public Job {
 public:
  using Complain = std::function<void(const Rejection&)>;

  // `signals` and `children` are not owned and must outlive the job. `complain` is called with each problem in the
  // counts of a command. Requires arguments in `spec`.
  CommandJob(RunType type, CommandSpec spec, PassedSignals& signals, ChildReaper& children, Complain complain);

  [[nodiscard]] RunType type() const override { return type_; }
  [[nodiscard]] JobReport run(const JobAssignment& assignment, const std::stop_token& stop) override;
  // How the command of the last run() ended. Absent: run() has not returned yet, or it threw.
  [[nodiscard]] const std::optional<CommandEnd>& last_end() const noexcept { return last_end_; }

 private:
  RunType type_;
  CommandSpec spec_;
  PassedSignals& signals_;
  ChildReaper& children_;
  Complain complain_;
  std::optional<CommandEnd> last_end_;
};

}  // namespace runledger
