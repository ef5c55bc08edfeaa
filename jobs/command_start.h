// The start of a command: fork, and what is between it and exec.
#pragma once

#include <csignal>

#include <map>
#include <string>
#include <vector>

#include "jobs/descriptor.h"

namespace runledger {

struct Pipe {
  Descriptor read;
  Descriptor write;
};

// Closed on exec; `flags` are added. Throws Failure "exec.failed".
[[nodiscard]] Pipe make_pipe(int flags = 0);

struct StartedCommand {
  pid_t process = -1;
  int error = 0;  // Of the system, when it could not be started; there is no process then.
};

// Whose signals a command gets.
enum class CommandGroup { kOwn, kOurs };

// Starts the command, with `standard_error`, with `mask` as the signals that it holds back, and with the rest as it is
// here; it leads a new group of processes where it has its own. It is killed when the calling thread ends. Throws
// Failure "exec.failed" when there can be no process.
[[nodiscard]] StartedCommand start_command(const std::vector<std::string>& arguments,
                                           const std::map<std::string, std::string>& environment, CommandGroup group,
                                           int standard_error, const sigset_t& mask);

}  // namespace runledger
