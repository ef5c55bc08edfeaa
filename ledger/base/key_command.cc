// Starts the shell with two pipes. The text is shorter than what a pipe holds, so it can be written at once, whether or
// not the command reads it.
//
// The shell and what it starts are a process group, so that a command that takes too long leaves no process behind.
// They block no signals: the threads of a daemon do.
#include "ledger/base/key_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "ledger/base/assert.h"
#include "ledger/base/descriptor.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

using KeySteady = std::chrono::steady_clock;

[[noreturn]] void throw_unavailable(const KeyCommand& command, std::string_view expected, std::string_view found) {
  throw Failure(Remedy::kCallOperator, command.code,
                fmt::format("expected `{}` to {}, found {}", command.command, expected, found));
}

struct Pipe {
  Descriptor reads;
  Descriptor writes;
  explicit Pipe(const KeyCommand& command) {
    int ends[2] = {};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_unavailable(command, "start", "that the system makes no pipe");
    reads = Descriptor(ends[0]);
    writes = Descriptor(ends[1]);
  }
};

// Ends the process at the latest when the object is destroyed.
class KeyProcess {
 public:
  KeyProcess(const KeyCommand& command, int input, int output) : command_(command) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    ::sigemptyset(&none);
    RUNLEDGER_ASSERT(::posix_spawnattr_init(&attributes) == 0);
    RUNLEDGER_ASSERT(::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK) == 0);
    RUNLEDGER_ASSERT(::posix_spawnattr_setsigmask(&attributes, &none) == 0);
    RUNLEDGER_ASSERT(::posix_spawn_file_actions_init(&actions) == 0);
    RUNLEDGER_ASSERT(::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) == 0);
    RUNLEDGER_ASSERT(::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0);
    std::string text = command.command;
    char shell[] = "sh";
    char flag[] = "-c";
    char* const arguments[] = {shell, flag, text.data(), nullptr};
    const int error = ::posix_spawn(&process_, "/bin/sh", &actions, &attributes, arguments, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) throw_unavailable(command, "start", "that it cannot be started");
  }
  ~KeyProcess() {
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    (void)wait();
  }
  KeyProcess(const KeyProcess&) = delete;
  KeyProcess& operator=(const KeyProcess&) = delete;

  void require_success() {
    const int status = wait();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      throw_unavailable(command_, "end with status 0",
                        WIFEXITED(status) ? fmt::format("status {}", WEXITSTATUS(status)) : "that a signal ended it");
  }

 private:
  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
    process_ = 0;
    return status;
  }

  const KeyCommand& command_;
  pid_t process_ = 0;
};

// Reads until the command has closed its output.
std::string read_until_end(const KeyCommand& command, int from) {
  const KeySteady::time_point end = KeySteady::now() + command.timeout;
  std::string answer;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - KeySteady::now());
    pollfd readable{.fd = from, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&readable, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready == 0) throw_unavailable(command, fmt::format("answer within {} s", command.timeout.count()), "no answer");
    char buffer[4096];
    const ssize_t count = ready < 0 ? ready : ::read(from, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_unavailable(command, "answer", "that its output cannot be read");
    if (count == 0) return answer;
    answer.append(buffer, static_cast<std::size_t>(count));
    if (answer.size() > kKeyTextBytesMax)
      throw_unavailable(command, fmt::format("write at most {} bytes", kKeyTextBytesMax), "more");
  }
}

}  // namespace

std::string answer_of(const KeyCommand& command, std::string_view text) {
  RUNLEDGER_ASSERT(text.size() < kKeyTextBytesMax);
  Pipe input(command);
  Pipe output(command);
  KeyProcess process(command, input.reads.get(), output.writes.get());
  output.writes.close();
  // The reading end stays open here too, so that a command that reads nothing raises no signal.
  if (::write(input.writes.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw_unavailable(command, "take a text", "that it cannot be written");
  input.writes.close();
  input.reads.close();
  std::string answer = read_until_end(command, output.reads.get());
  process.require_success();
  if (answer.ends_with('\n')) answer.pop_back();
  if (answer.empty() || answer.find('\n') != std::string::npos)
    throw_unavailable(command, "write one line", answer.empty() ? "nothing" : "several");
  return answer;
}

}  // namespace runledger
