// How many files the process may have open, and how many of them callers may use.
#pragma once

namespace runledger {

// With fewer files a daemon is not worth starting: the store alone keeps dozens open.
inline constexpr int kOpenFilesMin = 256;

// Raises the limit of open files as far as the system allows, and returns it. Throws Failure "files.too_few" when it is
// below kOpenFilesMin.
[[nodiscard]] int raise_open_files_max();

// Returns the lowest descriptor number at which the daemon turns a caller away. The system always hands out the lowest
// free number, so the numbers above stay free for the store, which opens more files as the log grows and must never run
// out of them.
[[nodiscard]] int files_for_callers(int open_files_max);

}  // namespace runledger
