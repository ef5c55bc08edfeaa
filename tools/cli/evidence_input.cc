// Lines end with a newline and nothing else, so that evidence has one spelling.
#include "tools/cli/evidence_input.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ledger/values/rejection.h"
#include "tools/cli/process/input_file.h"

namespace runledger {

EvidenceInput::EvidenceInput(std::string path) : path_(std::move(path)), file_(open_to_read(path_)) {}

bool EvidenceInput::read_more() {
  read_.erase(0, used_);
  used_ = 0;
  char buffer[64 * 1024];  // Read in pieces, because a pipe does not tell its size and a device may never end.
  for (;;) {
    const ssize_t count = file_.is_open() ? ::read(file_.get(), buffer, sizeof(buffer)) : -1;
    if (count < 0 && file_.is_open() && errno == EINTR) continue;
    if (count < 0) refuse("proof.unreadable", fmt::format("cannot read {}: {}", path_, std::strerror(errno)));
    read_.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }
}

std::string EvidenceInput::first_line() {
  const std::optional<std::string_view> line = next();
  used_ = 0;
  return std::string(line.value_or(""));
}

std::optional<std::string_view> EvidenceInput::next() {
  std::size_t looked_at = used_;
  for (;;) {
    const std::size_t end = read_.find('\n', looked_at);
    if (end != std::string::npos) {
      const std::string_view line = std::string_view(read_).substr(used_, end - used_);
      used_ = end + 1;
      return line;
    }
    if (read_.size() - used_ > kLineBytesMax) return std::nullopt;
    looked_at = read_.size() - used_;  // Where the unread part begins once read_more() has moved it.
    if (!read_more()) return std::nullopt;
  }
}

std::string EvidenceInput::whole(std::size_t bytes_max) {
  while (read_.size() <= bytes_max) {
    if (!read_more()) return std::move(read_);
  }
  refuse("proof.too_large", fmt::format("{}: expected at most {} bytes, found more", path_, bytes_max));
}

}  // namespace runledger
