// Writes whole buffers, and reports the error when it cannot.
#include "tools/cli/output/output.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/values/number.h"
#include "tools/cli/output/terminal_text.h"

namespace runledger {
namespace {

constexpr std::size_t kColumnsDefault = 80;
constexpr std::uint64_t kColumnsMax = 10'000;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

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

bool colours_are_welcome() noexcept {
  return variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

Output::Output(int descriptor, std::string name)
    : descriptor_(descriptor),
      name_(std::move(name)),
      terminal_(::isatty(descriptor) == 1),
      colours_(terminal_ && colours_are_welcome()) {
  buffer_.reserve(kBufferMax);
}

std::optional<std::size_t> Output::columns() const {
  if (!terminal_) return std::nullopt;
  if (const auto typed = parse_number(variable("COLUMNS"), "columns", {.min = 1, .max = kColumnsMax})) return *typed;
  winsize size{};
  if (::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kColumnsDefault;
}

void Output::write(std::string_view text) {
  if (terminal_) return buffer(terminal_text(text));
  buffer(text);
}

void Output::buffer(std::string_view text) {
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
