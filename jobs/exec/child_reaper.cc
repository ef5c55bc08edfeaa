// Waits for SIGCHLD on a signalfd and then reaps every child that has ended, except the command.
#include "jobs/exec/child_reaper.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

int wait_for_end(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

ChildReaper::ChildReaper() {
  // A parent that ignores SIGCHLD hands that on to its children, and the kernel then keeps no exit status.
  (void)::signal(SIGCHLD, SIG_DFL);
  sigset_t held;
  sigemptyset(&held);
  sigaddset(&held, SIGCHLD);
  ::pthread_sigmask(SIG_BLOCK, &held, nullptr);
  signals_ = Descriptor(::signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.is_open()) throw_exec_failed("signalfd");
  stop_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_.is_open()) throw_exec_failed("eventfd");
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) throw_exec_failed("prctl");
  thread_ = std::thread([this] {
    name_thread("child-reaper");
    watch();
  });
}

ChildReaper::~ChildReaper() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_.get(), &one, sizeof(one));
  thread_.join();
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

StartedCommand ChildReaper::start(const std::vector<std::string>& arguments, const CommandSurroundings& surroundings) {
  const MutexLock lock(mutex_);
  const StartedCommand started = start_command(arguments, surroundings);
  child_ = started.process;
  return started;
}

int ChildReaper::reap() {
  MutexLock lock(mutex_);
  const pid_t child = child_;
  lock.unlock();  // The thread leaves this child alone, and its end may take a while.
  const int status = wait_for_end(child);
  lock.lock();
  child_ = -1;
  reap_orphans();
  return status;
}

void ChildReaper::watch() {
  for (;;) {
    std::array<pollfd, 2> polled{pollfd{signals_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
    ::poll(polled.data(), polled.size(), -1);
    if (polled[1].revents != 0) return;
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof(info)) > 0) {
    }
    const MutexLock lock(mutex_);
    reap_orphans();
  }
}

// When the next child that has ended is the command, the rest waits for reap(), which follows at once.
void ChildReaper::reap_orphans() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    if (info.si_pid == child_) return;
    (void)wait_for_end(info.si_pid);
  }
}

}  // namespace runledger
