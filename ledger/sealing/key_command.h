// A command that is given one line and answers with one line.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace runledger {

inline constexpr std::chrono::seconds kKeyCommandTimeout{30};
inline constexpr std::size_t kKeyLineBytesMax = 16 * 1024;

// Runs `command` with /bin/sh, with `line` and a line end on its standard input, and returns what it wrote, without the
// line end. Its standard error is that of the process. Throws Failure "seal.master_unavailable" when it cannot be
// started, ends with another status than 0, takes too long, or writes nothing or more than one line. The messages do
// not repeat what it wrote, which may be a key.
[[nodiscard]] std::string answer_of(const std::string& command, std::string_view line);

}  // namespace runledger
