// The start of a command: fork, and what is between it and exec.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/descriptor.h"

namespace runledger {

// Failure "exec.failed": what could not be done, and what errno says of it.
[[noreturn]] void throw_exec_failed(const char* doing);

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

// What a command has for its own; the rest is as it is here.
struct CommandSurroundings {
  std::map<std::string, std::string> environment;  // Added to this process's.
  CommandGroup group = CommandGroup::kOwn;         // Of its own: it leads a new group of processes.
  int standard_error = 2;
  sigset_t mask{};                       // The signals that it holds back.
  std::optional<rlim_t> core_bytes_max;  // RLIMIT_CORE.
};

// Starts the command. It is killed when the calling thread ends. Throws Failure "exec.failed" when there can be no
// process.
[[nodiscard]] StartedCommand start_command(const std::vector<std::string>& arguments,
                                           const CommandSurroundings& surroundings);

}  // namespace runledger
