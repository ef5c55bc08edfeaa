// Reads the counts that a command reports while it runs: lines `runledger:count key=n` that it writes to a pipe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

// Reads lines from pieces of any size. A number is absolute, and the last number for a key wins. Empty lines are
// skipped. A line that cannot be used is left out and causes a complaint; no input makes this class fail. Used by one
// thread.
class CountLines {
 public:
  static constexpr std::size_t kLineBytesMax = 1024;  // A longer line is left out as a whole.
  static constexpr std::size_t kComplaintsMax = 20;   // After these, one last complaint says that more lines are bad.

  void feed(std::string_view bytes);
  // Call it after the last piece: it reads a last line that has no line end.
  void end();

  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  // Returns the complaints since the last call. They name the number of the line and never repeat its content, which
  // may be secret.
  [[nodiscard]] std::vector<Rejection> take_complaints();

 private:
  void end_line();
  void read(std::string_view line);
  void complain(std::string_view code, std::string_view detail);

  Counts counts_;
  std::string line_;
  bool too_long_ = false;
  std::uint64_t number_ = 0;
  std::size_t complained_ = 0;
  std::vector<Rejection> complaints_;
};

}  // namespace runledger
