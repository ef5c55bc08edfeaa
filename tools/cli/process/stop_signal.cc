// Signals through a descriptor: no handler, so no global state.
#include "tools/cli/process/stop_signal.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "ledger/base/failure.h"

namespace runledger {

namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// SIG_BLOCK holds them back, SIG_UNBLOCK lets them end the program.
void mask_stop_signals(int how) {
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(how, &signals, nullptr);
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t signals = stop_signals();
  mask_stop_signals(SIG_BLOCK);
  descriptor_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor_ < 0)
    throw Failure(Remedy::kCallOperator, "signals.failed", std::string("signalfd: ") + std::strerror(errno));
}

StopSignal::~StopSignal() {
  ::close(descriptor_);
}

void StopSignal::wait() {
  pollfd asked{descriptor_, POLLIN, 0};
  while (!received_) received_ = ::poll(&asked, 1, -1) == 1;
  signalfd_siginfo first{};
  [[maybe_unused]] const ssize_t taken = ::read(descriptor_, &first, sizeof(first));
  mask_stop_signals(SIG_UNBLOCK);
}

StopSignal::Lifted::Lifted(const StopSignal&) {
  mask_stop_signals(SIG_UNBLOCK);
}

StopSignal::Lifted::~Lifted() {
  mask_stop_signals(SIG_BLOCK);
}

bool StopSignal::received() {
  pollfd asked{descriptor_, POLLIN, 0};
  received_ = received_ || ::poll(&asked, 1, 0) == 1;
  return received_;
}

}  // namespace runledger
