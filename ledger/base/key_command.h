// A command of the operator that keeps a key: it is given a text, and answers with one line.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace runledger {

inline constexpr std::size_t kKeyTextBytesMax = 16 * 1024;

struct KeyCommand {
  std::string command;    // For /bin/sh.
  std::string_view code;  // Of the Failure with which it does not answer.
  std::chrono::seconds timeout{30};
};

// Runs the command with `text` on its standard input, and returns the line that it wrote, without the line end. Its
// standard error is that of the process, and it is in a process group of its own, which ends with it at the latest.
// Throws Failure when it cannot be started, ends with another status than 0, takes too long, or writes nothing or more
// than one line. The messages do not repeat what it wrote, which may be a key. Requires less than kKeyTextBytesMax.
[[nodiscard]] std::string answer_of(const KeyCommand& command, std::string_view text);

}  // namespace runledger
