// The counts that a command reports while it runs: lines `runledger:count key=n` that it writes to a pipe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

// Reads the lines as they come, in pieces of any size. A number is absolute, and the last one of a key wins. Empty
// lines are passed over. A line that cannot be used is left out and complained of; nothing makes it fail.
class CountLines {
 public:
  static constexpr std::size_t kLineBytesMax = 1024;  // What is longer is passed over to its end.
  static constexpr std::size_t kComplaintsMax = 20;   // One more says that there are others.

  void feed(std::string_view bytes);
  // After the last piece: the line that has no end counts as well.
  void end();

  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  // New ones since the last call. They name the line and never repeat what is in it.
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
