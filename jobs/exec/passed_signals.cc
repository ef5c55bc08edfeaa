// Reads signals from a signalfd, which needs neither a handler nor global state.
#include "jobs/exec/passed_signals.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <limits>

#include "ledger/base/posix_file.h"

namespace runledger {
namespace {

bool is_ignored(int number) {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

PassedSignals::PassedSignals() {
  sigset_t held;
  sigemptyset(&held);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    if (!is_ignored(number)) sigaddset(&held, number);
  }
  ::pthread_sigmask(SIG_BLOCK, &held, &before_);
  descriptor_ = Descriptor(::signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor_.is_open()) throw_errno_as("signals.failed", "signalfd");
}

std::optional<PassedSignal> PassedSignals::take() {
  signalfd_siginfo info{};
  if (::read(descriptor_.get(), &info, sizeof(info)) != sizeof(info)) return std::nullopt;
  // The kernel itself sends the signals of a terminal's keys; those of kill() have the code of a process.
  return PassedSignal{.number = static_cast<int>(info.ssi_signo), .from_terminal = info.ssi_code == SI_KERNEL};
}

std::optional<PassedSignal> PassedSignals::take_within(std::chrono::milliseconds timeout) {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + timeout;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) return std::nullopt;
    pollfd asked{descriptor_.get(), POLLIN, 0};
    ::poll(&asked, 1, static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max())));
    if (const auto taken = take()) return taken;
  }
}

}  // namespace runledger
