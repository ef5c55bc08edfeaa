// Runs a command as a child process: forwards signals and standard error, reads its counts, and enforces its timeout.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "jobs/exec/child_reaper.h"
#include "jobs/exec/passed_signals.h"
#include "ledger/rules/event.h"

namespace runledger {

struct CommandSpec {
  std::vector<std::string> arguments;  // The program, which is looked up in PATH, then its arguments. Not empty.
  std::map<std::string, std::string> environment = {};  // Added to the environment of this process.
  std::optional<rlim_t> core_bytes_max = {};            // Its RLIMIT_CORE. Absent: the limit of this process.
  std::optional<mode_t> umask = {};                     // Its umask. Absent: that of this process.
  std::chrono::milliseconds timeout{0};                 // After this time the command is ended. 0: no timeout.
  std::chrono::milliseconds kill_after{10'000};         // How long it may take to end after SIGTERM.
};

struct CommandEnd {
  enum class How {
    kExited,      // `number` is its exit status.
    kKilled,      // `number` is the signal that killed it.
    kNotStarted,  // `number` is the errno of the start.
  };
  How how = How::kExited;
  int number = 0;
  bool timed_out = false;  // It was asked to end because its timeout had passed.
  bool stopped = false;    // It was asked to end because `stop` was requested.
  int passed_signal = 0;   // The last signal that was forwarded to it. 0: no signal.
  Counts counts;
  std::string stderr_tail;  // The end of its output to standard error, sanitised.
};

// The environment variable with the path of the pipe to which the command writes its counts (count_lines.h).
inline constexpr const char* kCountsVariable = "RUNLEDGER_COUNTS";

// Runs the command on the calling thread and returns when it has ended.
//
// No shell is involved, and the command uses the standard input and output of this process directly. It leads a process
// group of its own, so forwarded signals, and the signals that end it, reach its children as well. The exception is the
// foreground of a terminal: there the command stays in the group of this process, so that it can read the keyboard and
// be suspended from it, and only the command itself is ended. If this process dies, the kernel kills the command, but
// not the processes that the command started.
//
// On a timeout or a stop request the command gets SIGTERM, and SIGKILL after `kill_after`. When the command has ended
// then, the rest of its own group is killed too.
//
// The call returns soon after the end of the command, even if other processes still hold its pipes. `complain` is
// called with each problem in its counts. Throws Failure "exec.failed" if the system refuses a process or a pipe.
[[nodiscard]] CommandEnd run_command(const CommandSpec& spec, PassedSignals& signals, ChildReaper& children,
                                     const std::stop_token& stop,
                                     const std::function<void(const Rejection&)>& complain);

}  // namespace runledger
