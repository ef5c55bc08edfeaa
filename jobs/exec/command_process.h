// A command as a child of this process: signals and standard error are passed on, its counts are read, it may not take
// longer than it is given.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "jobs/exec/passed_signals.h"
#include "ledger/rules/event.h"

namespace runledger {

struct CommandOrder {
  std::vector<std::string> arguments;  // The program, which is looked up in PATH, and what it is given. Not empty.
  std::map<std::string, std::string> environment;  // Added to this process's own.
  std::optional<rlim_t> core_bytes_max = {};       // Its limit on core files (RLIMIT_CORE); absent: this process's own.
  std::chrono::milliseconds timeout{0};            // 0: none.
  std::chrono::milliseconds kill_after{10'000};    // How long it may take to end when it is told to.
};

struct CommandEnd {
  enum class How {
    kExited,      // `number` is its status.
    kKilled,      // `number` is the signal.
    kNotStarted,  // `number` is the error of the system.
  };
  How how = How::kExited;
  int number = 0;
  bool timed_out = false;  // It was told to end because its time was up,
  bool stopped = false;    // or because `stop` was requested.
  int passed_signal = 0;   // The last one that was passed on; 0: none.
  Counts counts;
  std::string last_words;  // The end of what it wrote to standard error, sanitised.
};

// Where the command finds the path of the pipe that it writes its counts to (count_lines.h).
inline constexpr const char* kCountsVariable = "RUNLEDGER_COUNTS";

// Runs the command to its end. No shell; standard input and output are its own. It leads a group of processes: what is
// passed on, and what ends it, reaches its children as well. But in the foreground of a terminal it stays in the group
// of this process, so that it can read the keyboard and be stopped there; it alone is ended then. When this process
// dies, so does the command (but not what it has started). Told to end, it gets SIGTERM, and after `kill_after`
// SIGKILL; no process of the group is left then.
//
// Returns soon after the command has ended, whoever still holds its pipes. `complain` gets what is wrong with its
// counts. Throws Failure "exec.failed" when the system refuses a process or a pipe.
[[nodiscard]] CommandEnd run_command(const CommandOrder& order, PassedSignals& signals, const std::stop_token& stop,
                                     const std::function<void(const Rejection&)>& complain);

}  // namespace runledger
