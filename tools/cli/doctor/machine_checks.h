// What `doctor` checks of the machine: the disk that holds a directory, limits, and the clock.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "tools/cli/doctor/check.h"

namespace runledger {

[[nodiscard]] Check check_file_system(const std::filesystem::path& directory);
[[nodiscard]] Check check_free_space(const std::filesystem::path& directory);
// Writes and flushes a small file without a name in the directory, as a commit does with the engine's log.
[[nodiscard]] Check check_flush(const std::filesystem::path& directory);
[[nodiscard]] Check check_open_files();
[[nodiscard]] Check check_clock();

// Judges the times that flushes took; at least one. No disk with a cache that survives a power cut flushes within
// kFlushBelievable, and one that needs more than kFlushSlow makes every caller wait.
inline constexpr std::chrono::microseconds kFlushBelievable{15};
inline constexpr std::chrono::milliseconds kFlushSlow{50};
[[nodiscard]] Check judge_flushes(std::vector<std::chrono::nanoseconds> took);

}  // namespace runledger
