// Splits the stream into lines and reads the count in each.
#include "jobs/exec/count_lines.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/values/number.h"

namespace runledger {
namespace {

constexpr std::string_view kKeyword = "runledger:count ";

}  // namespace

void CountLines::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    // A line that is too long is dropped up to its end, so a stream without line ends takes no memory.
    if (line_.size() + piece.size() > kLineBytesMax) too_long_ = true;
    if (too_long_) {
      line_.clear();
    } else {
      line_ += piece;
    }
    if (end == std::string_view::npos) return;
    end_line();
    bytes.remove_prefix(end + 1);
  }
}

void CountLines::end() {
  if (!line_.empty() || too_long_) end_line();
}

void CountLines::end_line() {
  ++number_;
  if (too_long_) {
    complain("counts.invalid", fmt::format("expected at most {} bytes", kLineBytesMax));
  } else {
    if (line_.ends_with('\r')) line_.pop_back();
    if (!line_.empty()) read(line_);
  }
  line_.clear();
  too_long_ = false;
}

void CountLines::read(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (!line.starts_with(kKeyword) || equals == std::string_view::npos)
    return complain("counts.invalid", "expected \"runledger:count key=number\"");
  const auto key = parse_count_key(line.substr(kKeyword.size(), equals - kKeyword.size()));
  if (!key) return complain(key.rejection().code, "expected a key of the form [a-z][a-z0-9_]{0,63} that is no secret");
  const auto count = parse_number(line.substr(equals + 1), "counts", {.max = kCountMax});
  if (!count) return complain("counts.invalid", fmt::format("expected a whole number from 0 to {}", kCountMax));
  if (!counts_.contains(*key) && counts_.size() == kCountKeysMax)
    return complain("counts.too_many", fmt::format("expected at most {} keys", kCountKeysMax));
  counts_[*key] = *count;
}

void CountLines::complain(std::string_view code, std::string_view detail) {
  ++complained_;
  if (complained_ <= kComplaintsMax)
    complaints_.push_back(reject(code, fmt::format("line {} of the counts is left out: {}", number_, detail)));
  if (complained_ == kComplaintsMax + 1)
    complaints_.push_back(reject(code, "more lines of the counts are left out, and not complained of"));
}

std::vector<Rejection> CountLines::take_complaints() {
  return std::exchange(complaints_, {});
}

}  // namespace runledger
