// Writes whole buffers, and reports the error when it cannot.
#include "tools/cli/output/output.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "ledger/base/failure.h"

namespace runledger {
namespace {

void wait_until_writable(int descriptor) {
  pollfd waiting{descriptor, POLLOUT, 0};
  ::poll(&waiting, 1, -1);  // The next write reports any error.
}

// Returns 0, or the errno of the write that failed.
int write_all(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_until_writable(descriptor);  // The program may have inherited a non-blocking pipe.
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

void write_stderr(std::string_view text) noexcept {
  (void)write_all(STDERR_FILENO, text);
}

Output::Output(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)), terminal_(::isatty(descriptor) == 1) {
  buffer_.reserve(kBufferMax);
}

void Output::write(std::string_view text) {
  if (buffer_.size() + text.size() > kBufferMax) flush();
  if (text.size() > kBufferMax) {
    write_through(text);
  } else if (!broken_) {
    buffer_.append(text);
  }
}

void Output::line(std::string_view text) {
  write(text);
  write("\n");
}

void Output::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void Output::write_through(std::string_view text) {
  if (broken_ || text.empty()) return;
  broken_ = true;  // Reset below when the write succeeds, so that every throw leaves it set.
  const int error = write_all(descriptor_, text);
  if (error == EPIPE) throw OutputClosed{};
  if (error != 0)
    throw Failure(Remedy::kCallOperator, "output.failed",
                  fmt::format("expected to write to {}, found: {}", name_, std::strerror(error)));
  broken_ = false;
}

bool Output::closed() const {
  pollfd asked{descriptor_, 0, 0};
  return ::poll(&asked, 1, 0) == 1 && (asked.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace runledger
