// Maps the end of a process to a report, and sets the environment of the command.
#include "jobs/exec/command_job.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

constexpr int kTimedOut = 124;       // As timeout(1) ends.
constexpr int kCannotExecute = 126;  // Shells, env, nice and others end with these two if they cannot start a program.
constexpr int kNotFound = 127;
constexpr int kSignalBase = 128;

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

// Whether a later start may succeed, because the system lacks something for a time only.
bool is_passing(int error) {
  return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE || error == ETXTBSY;
}

JobReport report(const CommandEnd& end, AttemptOutcome outcome, std::string_view code, const std::string& what) {
  const Result<ReasonCode> reason = parse_reason_code(code);
  RUNLEDGER_ASSERT(reason);
  const std::string message = end.stderr_tail.empty() ? what : fmt::format("{}: {}", what, end.stderr_tail);
  return {
      .outcome = outcome, .summary_counts = end.counts, .failures = {{*reason, sanitize(message)}}, .retryable = true};
}

JobReport failed(const CommandEnd& end, std::string_view code, const std::string& what, bool retryable = true) {
  JobReport failure = report(end, AttemptOutcome::kFailed, code, what);
  failure.retryable = retryable;
  return failure;
}

std::string how_it_ended(const CommandEnd& end) {
  return end.how == CommandEnd::How::kKilled ? fmt::format("was killed by {}", signal_name(end.number))
                                             : fmt::format("ended with status {}", end.number);
}

}  // namespace

JobReport report_of(const CommandEnd& end, const std::string& program) {
  if (end.how == CommandEnd::How::kNotStarted) {
    return failed(end, "exec.not_found",
                  fmt::format("expected to start {}, found: {}", program, std::generic_category().message(end.number)),
                  is_passing(end.number));
  }
  // Our own reasons for ending the command come first: its status is only a consequence of them.
  if (end.timed_out)
    return failed(end, "exec.timeout", fmt::format("its time was up; the command {}", how_it_ended(end)));
  if (end.stopped) return failed(end, "worker.stopped", fmt::format("the command {}", how_it_ended(end)));
  const bool well = end.how == CommandEnd::How::kExited && end.number == 0;
  if (well) return {.summary_counts = end.counts};
  if (end.passed_signal != 0) {
    return report(end, AttemptOutcome::kCancelled, "exec.signaled",
                  fmt::format("{} was passed on; the command {}", signal_name(end.passed_signal), how_it_ended(end)));
  }
  if (end.how == CommandEnd::How::kKilled)
    return failed(end, "exec.signaled", fmt::format("the command {}", how_it_ended(end)));
  if (end.number == kCannotExecute || end.number == kNotFound) {
    return failed(end, "exec.not_found", fmt::format("the command {}", how_it_ended(end)), false);
  }
  return failed(end, "exec.exit_status", fmt::format("the command {}", how_it_ended(end)));
}

int exit_status_of(const CommandEnd& end) {
  if (end.timed_out) return kTimedOut;
  switch (end.how) {
    case CommandEnd::How::kExited:
      return end.number;
    case CommandEnd::How::kKilled:
      return kSignalBase + end.number;
    case CommandEnd::How::kNotStarted:
      return end.number == ENOENT ? kNotFound : kCannotExecute;
  }
  return kCannotExecute;
}

CommandJob::CommandJob(RunType type, CommandSpec spec, PassedSignals& signals, ChildReaper& children, Complain complain)
    : type_(std::move(type)),
      spec_(std::move(spec)),
      signals_(signals),
      children_(children),
      complain_(std::move(complain)) {
  RUNLEDGER_ASSERT(!spec_.arguments.empty());
}

JobReport CommandJob::run(const JobAssignment& assignment, const std::stop_token& stop) {
  CommandSpec spec = spec_;
  spec.environment[kRunVariable] = format_uuid(assignment.run.value);
  spec.environment[kAttemptVariable] = std::to_string(assignment.attempt.value);
  spec.environment[kWorkspaceVariable] = assignment.scope.workspace.str();
  if (assignment.scope.tenant) spec.environment[kTenantVariable] = assignment.scope.tenant->str();
  spec.environment[kTypeVariable] = assignment.type.str();
  spec.environment[kInputVariable] = assignment.input.canonical();
  last_end_.reset();
  try {
    last_end_ = run_command(spec, signals_, children_, stop, complain_);
    return report_of(*last_end_, spec.arguments.front());
  } catch (const Failure& failure) {
    const Result<ReasonCode> reason = parse_reason_code(failure.code());
    RUNLEDGER_ASSERT(reason);
    throw JobFailure(*reason, failure.what(), true);
  }
}

}  // namespace runledger
