// Receives the signal through a descriptor, as StopSignal does.
#include "tools/cli/process/hangup_signal.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "ledger/base/posix_file.h"

namespace runledger {

HangupSignal::HangupSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signals_ = Descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.is_open()) throw_errno_as("signals.failed", "signalfd");
}

void HangupSignal::take() const {
  signalfd_siginfo taken{};
  while (::read(signals_.get(), &taken, sizeof(taken)) > 0) {
  }
}

}  // namespace runledger
