// One poll() loop for everything that can happen to a running command.
//
// run_command() makes one RunningCommand, which start()s the child and then calls turn() until the child has ended. A
// turn waits on six descriptors: the signals of this process (signalfd), the end of the child (pidfd), the stop request
// (eventfd, written by a stop_callback on any thread), the child's standard error, our own standard error while text
// waits to be written to it, and the pipe of the counts. Deadlines are the timeout of poll(). No other thread and no
// signal handler is involved, so nothing here needs a lock.
//
// Ending the child: a timeout or a stop sends SIGTERM and sets `kill_at_`; when that passes, SIGKILL follows. Both go
// to `target_`, the whole group of the child if it leads one. After such an end, end() first kills what is left of the
// group and only then reaps the child, because until it is reaped no new process can get its number.
//
// Standard error is forwarded no faster than our own reader takes it: while `passed_on_` holds text, the child's pipe
// is not read, so a slow reader slows the child and memory stays bounded. The end of the text is also kept in `words_`.
//
// Descendants may hold the pipes open after the child has ended. So the end of the child ends the loop, and not the end
// of the pipes; read_leftovers() then takes at most a fixed amount of what they still contain.
#include "jobs/exec/command_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "jobs/exec/command_start.h"
#include "jobs/exec/count_lines.h"
#include "jobs/exec/text_tail.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kPieceBytes = 4096;                // A writable pipe takes this much without blocking the writer.
constexpr std::size_t kLeftoversBytesMax = 1024 * 1024;  // Descendants of the command may write on for ever.
constexpr std::size_t kStderrTailCharactersMax = 440;    // A SanitizedText then still has room for how it ended.
constexpr milliseconds kLastPassingOnMax{5000};

// Text that waits to be written to the standard error of this process, so that a slow reader never blocks the loop.
class PassedOn {
 public:
  [[nodiscard]] bool empty() const { return pending_.empty(); }
  void add(std::string_view text) {
    if (!broken_) pending_ += text;
  }
  // Requires that poll() found it writable.
  void write_some() {
    const ssize_t count = ::write(STDERR_FILENO, pending_.data(), std::min(pending_.size(), kPieceBytes));
    if (count > 0) pending_.erase(0, static_cast<std::size_t>(count));
    if (count >= 0 || errno == EINTR || errno == EAGAIN) return;
    broken_ = true;  // Our reader has gone, which is no reason for the command to fail.
    pending_.clear();
  }
  void write_rest() {
    const auto deadline = steady_clock::now() + kLastPassingOnMax;
    while (!pending_.empty() && steady_clock::now() < deadline) {
      pollfd asked{STDERR_FILENO, POLLOUT, 0};
      if (::poll(&asked, 1, static_cast<int>(kLastPassingOnMax.count())) > 0) write_some();
    }
  }

 private:
  std::string pending_;
  bool broken_ = false;
};

// Whether this process reads the keyboard of a terminal. A command in another group could not read it.
bool is_in_foreground() {
  return ::isatty(STDIN_FILENO) == 1 && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

Descriptor make_event() {
  Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (event.get() < 0) throw_exec_failed("eventfd");
  return event;
}

class RunningCommand {
 public:
  RunningCommand(const CommandSpec& spec, PassedSignals& signals, ChildReaper& children, const std::stop_token& stop,
                 const std::function<void(const Rejection&)>& complain)
      : spec_(spec),
        signals_(signals),
        children_(children),
        complain_(complain),
        stop_(make_event()),
        counts_pipe_(make_pipe(O_NONBLOCK)),
        error_pipe_(make_pipe()),
        on_stop_(stop, Wake{stop_.get()}) {
    if (::fcntl(error_pipe_.read.get(), F_SETFL, O_NONBLOCK) != 0) throw_exec_failed("fcntl");
  }

  CommandEnd run() {
    if (!start()) return end_;
    while (!ended_) turn();
    read_leftovers();
    counts_.end();
    complain_of_counts();
    end_.counts = counts_.counts();
    end_.stderr_tail = stderr_.last(kStderrTailCharactersMax);
    return end_;
  }

 private:
  // Wakes the loop. It is called on the thread that requests the stop.
  struct Wake {
    int descriptor;
    void operator()() const {
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t written = ::write(descriptor, &one, sizeof(one));
    }
  };

  bool start() {
    CommandSurroundings surroundings{.environment = spec_.environment,
                                     .group = group_,
                                     .standard_error = error_pipe_.write.get(),
                                     .mask = signals_.mask_before(),
                                     .core_bytes_max = spec_.core_bytes_max,
                                     .umask = spec_.umask};
    // The path leads through this process, so every descendant of the command can open it, even if one in between
    // closed its descriptors, and no file has to be removed afterwards.
    surroundings.environment[kCountsVariable] = fmt::format("/proc/{}/fd/{}", ::getpid(), counts_pipe_.write.get());
    const StartedCommand started = children_.start(spec_.arguments, surroundings);
    error_pipe_.write.close();
    if (started.error != 0) {
      end_.how = CommandEnd::How::kNotStarted;
      end_.number = started.error;
      return false;
    }
    process_ = started.process;
    target_ = group_ == CommandGroup::kOwn ? -process_ : process_;
    process_end_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
    if (process_end_.get() < 0) {
      const int error = errno;
      ::kill(target_, SIGKILL);
      (void)children_.reap();
      errno = error;
      throw_exec_failed("pidfd_open");
    }
    if (spec_.timeout.count() > 0) timeout_at_ = steady_clock::now() + spec_.timeout;
    return true;
  }

  void turn() {
    enum { kSignals, kEnd, kStop, kError, kPassedOn, kCounts, kAll };
    std::array<pollfd, kAll> polled{};
    polled[kSignals] = {signals_.descriptor(), POLLIN, 0};
    polled[kEnd] = {process_end_.get(), POLLIN, 0};
    polled[kStop] = {end_.stopped ? -1 : stop_.get(), POLLIN, 0};
    polled[kError] = {passed_on_.empty() ? error_pipe_.read.get() : -1, POLLIN, 0};
    polled[kPassedOn] = {passed_on_.empty() ? -1 : STDERR_FILENO, POLLOUT, 0};
    polled[kCounts] = {counts_pipe_.read.get(), POLLIN, 0};
    ::poll(polled.data(), polled.size(), time_left());
    if (polled[kError].revents != 0) read_error();
    if (polled[kPassedOn].revents != 0) passed_on_.write_some();
    if (polled[kCounts].revents != 0) read_counts();
    if (polled[kSignals].revents != 0) pass_signal_on();
    // The end is handled before the stop and the deadlines: if this process was suspended for a while, the command may
    // have ended before any of them.
    if (polled[kEnd].revents != 0) return end();
    if (polled[kStop].revents != 0) {
      end_.stopped = true;
      terminate();
    }
    look_at_clock();
  }

  // The time until the next deadline in the form that poll() takes: milliseconds, or -1 for no limit.
  [[nodiscard]] int time_left() const {
    if (!timeout_at_ && !kill_at_) return -1;
    const auto next = std::min(timeout_at_.value_or(steady_clock::time_point::max()),
                               kill_at_.value_or(steady_clock::time_point::max()));
    const auto left = std::chrono::ceil<milliseconds>(next - steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
  }

  void look_at_clock() {
    const auto now = steady_clock::now();
    if (timeout_at_ && *timeout_at_ <= now) {
      timeout_at_.reset();
      end_.timed_out = true;
      terminate();
    }
    if (kill_at_ && *kill_at_ <= now) {
      kill_at_.reset();
      ::kill(target_, SIGKILL);
    }
  }

  void terminate() {
    ::kill(target_, SIGTERM);
    ::kill(target_, SIGCONT);  // A stopped process would not receive SIGTERM.
    if (!kill_at_) kill_at_ = steady_clock::now() + spec_.kill_after;
  }

  void pass_signal_on() {
    const std::optional<PassedSignal> signal = signals_.take();
    if (!signal) return;
    end_.passed_signal = signal->number;
    if (group_ == CommandGroup::kOurs && signal->from_terminal) return;  // The terminal sent it to the command as well.
    ::kill(target_, signal->number);
    ::kill(target_, SIGCONT);
  }

  // The child has ended. Until it is reaped its number is not used again, so kill() still reaches its own group.
  void end() {
    if (end_.timed_out || end_.stopped) ::kill(target_, SIGKILL);
    const int status = children_.reap();
    end_.how = WIFEXITED(status) ? CommandEnd::How::kExited : CommandEnd::How::kKilled;
    end_.number = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    ended_ = true;
  }

  // Returns false when there is nothing to read, now or for good.
  bool read_error() {
    std::array<char, kPieceBytes> piece{};
    const ssize_t count = ::read(error_pipe_.read.get(), piece.data(), piece.size());
    if (count > 0) {
      const std::string_view text(piece.data(), static_cast<std::size_t>(count));
      stderr_.feed(text);
      passed_on_.add(text);
    } else if (count == 0) {
      error_pipe_.read.close();
    }
    return count > 0;
  }

  bool read_counts() {
    std::array<char, kPieceBytes> piece{};
    const ssize_t count = ::read(counts_pipe_.read.get(), piece.data(), piece.size());
    if (count <= 0) return false;
    counts_.feed({piece.data(), static_cast<std::size_t>(count)});
    complain_of_counts();
    return true;
  }

  void complain_of_counts() {
    for (const Rejection& complaint : counts_.take_complaints()) complain_(complaint);
  }

  void read_leftovers() {
    for (std::size_t n = 0; n < kLeftoversBytesMax / kPieceBytes && read_error(); ++n) {
    }
    for (std::size_t n = 0; n < kLeftoversBytesMax / kPieceBytes && read_counts(); ++n) {
    }
    passed_on_.write_rest();
  }

  const CommandSpec& spec_;
  PassedSignals& signals_;
  ChildReaper& children_;
  const std::function<void(const Rejection&)>& complain_;
  Descriptor stop_;
  Pipe counts_pipe_;
  Pipe error_pipe_;
  std::stop_callback<Wake> on_stop_;
  const CommandGroup group_ = is_in_foreground() ? CommandGroup::kOurs : CommandGroup::kOwn;
  pid_t process_ = -1;
  pid_t target_ = -1;  // The argument of kill(): the process, or its group as a negative number.
  Descriptor process_end_;
  std::optional<steady_clock::time_point> timeout_at_;
  std::optional<steady_clock::time_point> kill_at_;
  PassedOn passed_on_;
  TextTail stderr_;
  CountLines counts_;
  CommandEnd end_;
  bool ended_ = false;
};

}  // namespace

CommandEnd run_command(const CommandSpec& spec, PassedSignals& signals, ChildReaper& children,
                       const std::stop_token& stop, const std::function<void(const Rejection&)>& complain) {
  return RunningCommand(spec, signals, children, stop, complain).run();
}

}  // namespace runledger
