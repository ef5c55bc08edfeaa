// Between fork and exec only what POSIX allows there: other threads may have held any lock.
#include "jobs/command_start.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "ledger/failure.h"

namespace runledger {
namespace {

[[noreturn]] void fail(const char* doing) {
  throw Failure(Remedy::kCallOperator, "exec.failed", fmt::format("{}: {}", doing, std::strerror(errno)));
}

// The texts must outlive it.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
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
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

struct Prepared {
  char* const* arguments;
  char* const* environment;
  CommandGroup group;
  int standard_error;
  int error_pipe;
  const sigset_t* mask;
  pid_t parent;
};

[[noreturn]] void become(const Prepared& prepared) {
  if (prepared.group == CommandGroup::kOwn) ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != prepared.parent) ::_exit(1);  // It died before that.
  ::dup2(prepared.standard_error, STDERR_FILENO);
  ::signal(SIGPIPE, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, prepared.mask, nullptr);
  ::execvpe(prepared.arguments[0], prepared.arguments, prepared.environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t told = ::write(prepared.error_pipe, &error, sizeof(error));
  ::_exit(127);
}

// What the child could not do; 0 when it has become the command.
int read_error(int pipe) {
  int error = 0;
  ssize_t count = 0;
  do count = ::read(pipe, &error, sizeof(error));
  while (count < 0 && errno == EINTR);
  return count == sizeof(error) ? error : 0;
}

}  // namespace

Pipe make_pipe(int flags) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | flags) != 0) fail("pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

StartedCommand start_command(const std::vector<std::string>& arguments,
                             const std::map<std::string, std::string>& environment, CommandGroup group,
                             int standard_error, const sigset_t& mask) {
  const std::vector<std::string> all_environment = whole_environment(environment);
  const std::vector<char*> argument_pointers = pointers_to(arguments);
  const std::vector<char*> environment_pointers = pointers_to(all_environment);
  Pipe error = make_pipe();
  const Prepared prepared{.arguments = argument_pointers.data(),
                          .environment = environment_pointers.data(),
                          .group = group,
                          .standard_error = standard_error,
                          .error_pipe = error.write.get(),
                          .mask = &mask,
                          .parent = ::getpid()};
  const pid_t process = ::fork();
  if (process < 0) fail("fork");
  if (process == 0) become(prepared);
  if (group == CommandGroup::kOwn) ::setpgid(process, process);  // Whoever of the two is first.
  error.write.close();
  const int failed = read_error(error.read.get());
  if (failed == 0) return {.process = process, .error = 0};
  ::waitpid(process, nullptr, 0);
  return {.process = -1, .error = failed};
}

}  // namespace runledger
