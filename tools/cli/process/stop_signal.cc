// Receives signals through a descriptor, which needs no handler and so no global state.
#include "tools/cli/process/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "ledger/base/posix_file.h"
#include "ledger/base/thread_name.h"

namespace runledger {

namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// SIG_BLOCK holds the signals back; SIG_UNBLOCK lets them end the program.
void mask_stop_signals(int how) {
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(how, &signals, nullptr);
}

Descriptor need_descriptor(int value, const char* call) {
  Descriptor descriptor(value);
  if (!descriptor.is_open()) throw_errno_as("signals.failed", call);
  return descriptor;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t signals = stop_signals();
  mask_stop_signals(SIG_BLOCK);
  signals_ = need_descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
}

void StopSignal::wait() {
  pollfd asked{signals_.get(), POLLIN, 0};
  while (!received_) received_ = ::poll(&asked, 1, -1) == 1;
  // The first signal must be taken before the mask is lifted, or it would end the program itself.
  signalfd_siginfo first{};
  [[maybe_unused]] const ssize_t taken = ::read(signals_.get(), &first, sizeof(first));
  mask_stop_signals(SIG_UNBLOCK);
}

bool StopSignal::wait_beside(int other) {
  std::array<pollfd, 2> asked{{{signals_.get(), POLLIN, 0}, {other, POLLIN, 0}}};
  while (!received_ && ::poll(asked.data(), asked.size(), -1) < 0) {  // Interrupted by a signal that is not ours.
  }
  received_ = received_ || asked[0].revents != 0;
  return received_;
}

std::stop_token StopSignal::token() {
  if (watcher_.joinable()) return stop_.get_token();
  Descriptor over = need_descriptor(::eventfd(0, EFD_CLOEXEC), "eventfd");
  watcher_ = std::jthread([this, over = std::move(over)](const std::stop_token& ending) {
    name_thread("signals");
    // The destructor of the jthread requests this stop, and poll() must notice it even if no signal ever comes.
    const std::stop_callback wake(ending, [&over] { ::eventfd_write(over.get(), 1); });
    std::array<pollfd, 2> asked{{{signals_.get(), POLLIN, 0}, {over.get(), POLLIN, 0}}};
    while (::poll(asked.data(), asked.size(), -1) < 0) {  // Interrupted by a signal that is not ours.
    }
    if (asked[0].revents != 0) stop_.request_stop();
  });
  return stop_.get_token();
}

StopSignal::Lifted::Lifted(const StopSignal&) {
  mask_stop_signals(SIG_UNBLOCK);
}

StopSignal::Lifted::~Lifted() {
  mask_stop_signals(SIG_BLOCK);
}

bool StopSignal::received() {
  return wait_for(std::chrono::milliseconds::zero());
}

bool StopSignal::wait_for(std::chrono::milliseconds timeout) {
  pollfd asked{signals_.get(), POLLIN, 0};
  received_ = received_ || ::poll(&asked, 1, static_cast<int>(timeout.count())) == 1;
  return received_;
}

}  // namespace runledger
