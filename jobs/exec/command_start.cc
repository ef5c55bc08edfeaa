// Prepares everything before fork(), because a child may only call async-signal-safe functions before exec(): another
// thread may have held any lock, that of the allocator included.
#include "jobs/exec/command_start.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "ledger/base/posix_file.h"

namespace runledger {
namespace {

// The texts must outlive the result.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> whole_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!added.contains(std::string(text.substr(0, text.find('='))))) all.emplace_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

// The paths at which the program may be: in the folders of PATH, unless its name has a slash. This repeats execvp(3),
// which is not used because it runs a file without a known format with a shell.
std::vector<std::string> places_of(const std::string& program) {
  if (program.find('/') != std::string::npos) return {program};
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/bin:/usr/bin";
  std::vector<std::string> places;
  for (;;) {
    const std::size_t end = rest.find(':');
    const std::string_view folder = rest.substr(0, end);
    places.push_back(folder.empty() ? program : fmt::format("{}/{}", folder, program));
    if (end == std::string_view::npos) return places;
    rest.remove_prefix(end + 1);
  }
}

struct Prepared {
  char* const* places;
  char* const* arguments;
  char* const* environment;
  const CommandSurroundings* surroundings;
  int error_pipe;
  pid_t parent;
};

// Returns only on failure, with the errno that explains it best.
int execute_first(const Prepared& prepared) {
  int error = ENOENT;
  for (char* const* place = prepared.places; *place != nullptr; ++place) {
    ::execve(*place, prepared.arguments, prepared.environment);
    const bool is_none = errno == ENOENT || errno == ENOTDIR || errno == ESTALE || errno == ENODEV;
    if (errno == EACCES) error = EACCES;  // A later folder may hold a program that can be executed.
    if (!is_none && errno != EACCES) return errno;
  }
  return error;
}

void allow_core_files(rlim_t bytes_max) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = bytes_max;
  ::setrlimit(RLIMIT_CORE, &limit);
}

[[noreturn]] void become(const Prepared& prepared) {
  const CommandSurroundings& surroundings = *prepared.surroundings;
  if (surroundings.group == CommandGroup::kOwn) ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != prepared.parent) ::_exit(1);  // The parent died before prctl() could take effect.
  ::dup2(surroundings.standard_error, STDERR_FILENO);
  if (surroundings.core_bytes_max) allow_core_files(*surroundings.core_bytes_max);
  if (surroundings.umask) ::umask(*surroundings.umask);
  (void)::signal(SIGPIPE, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, &surroundings.mask, nullptr);
  const int error = execute_first(prepared);
  [[maybe_unused]] const ssize_t written = ::write(prepared.error_pipe, &error, sizeof(error));
  ::_exit(127);
}

// Returns the errno of the child, or 0 if it has become the command: exec() closed the pipe then.
int read_error(int pipe) {
  int error = 0;
  ssize_t count = 0;
  do count = ::read(pipe, &error, sizeof(error));
  while (count < 0 && errno == EINTR);
  return count == sizeof(error) ? error : 0;
}

}  // namespace

void throw_exec_failed(const char* doing) {
  throw_errno_as("exec.failed", doing);
}

Pipe make_pipe(int flags) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | flags) != 0) throw_exec_failed("pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

StartedCommand start_command(const std::vector<std::string>& arguments, const CommandSurroundings& surroundings) {
  const std::vector<std::string> all_environment = whole_environment(surroundings.environment);
  const std::vector<std::string> places = places_of(arguments.front());
  const std::vector<char*> place_pointers = pointers_to(places);
  const std::vector<char*> argument_pointers = pointers_to(arguments);
  const std::vector<char*> environment_pointers = pointers_to(all_environment);
  Pipe error = make_pipe();
  const Prepared prepared{.places = place_pointers.data(),
                          .arguments = argument_pointers.data(),
                          .environment = environment_pointers.data(),
                          .surroundings = &surroundings,
                          .error_pipe = error.write.get(),
                          .parent = ::getpid()};
  const pid_t process = ::fork();
  if (process < 0) throw_exec_failed("fork");
  if (process == 0) become(prepared);
  // Parent and child both do this, because either may run first and rely on it.
  if (surroundings.group == CommandGroup::kOwn) ::setpgid(process, process);
  error.write.close();
  const int failed = read_error(error.read.get());
  if (failed == 0) return {.process = process};
  ::waitpid(process, nullptr, 0);
  return {.process = -1, .error = failed};
}

}  // namespace runledger
