// Starts a command: fork(), the set-up of the child, and exec().
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/descriptor.h"

namespace runledger {

// Throws Failure "exec.failed" with the name of the call that failed and the text of errno.
[[noreturn]] void throw_exec_failed(const char* doing);

// The two ends of a pipe; both are owned.
struct Pipe {
  Descriptor read;
  Descriptor write;
};

// Makes a pipe whose ends are closed on exec. `flags` are further flags of pipe2(). Throws Failure "exec.failed".
[[nodiscard]] Pipe make_pipe(int flags = 0);

struct StartedCommand {
  pid_t process = -1;
  int error = 0;  // The errno if the command could not be started; there is no process then.
};

// The process group of a command: a new one that it leads, or the group of this process.
enum class CommandGroup { kOwn, kOurs };

// The settings in which a command differs from this process; it inherits everything else.
struct CommandSurroundings {
  std::map<std::string, std::string> environment;  // Added to the environment of this process.
  CommandGroup group = CommandGroup::kOwn;
  int standard_error = 2;                // The descriptor that becomes its standard error.
  sigset_t mask{};                       // The signals that it blocks.
  std::optional<rlim_t> core_bytes_max;  // Its RLIMIT_CORE. Absent: the limit of this process.
  std::optional<mode_t> umask = {};      // Absent: that of this process.
};

// Starts the command and returns when exec() has succeeded or failed. The kernel kills the command when the calling
// thread ends. Requires at least one argument. Throws Failure "exec.failed" if the system refuses a process or a pipe.
[[nodiscard]] StartedCommand start_command(const std::vector<std::string>& arguments,
                                           const CommandSurroundings& surroundings);

}  // namespace runledger
