// How many files the process may have open, and which part of them callers may take.
#pragma once

namespace runledger {

// Below this a daemon is not worth starting: the store alone has dozens open.
inline constexpr int kOpenFilesMin = 256;

// Raises the limit as far as the system lets the process, and gives it. Throws Failure "files.too_few" when that is
// below kOpenFilesMin.
[[nodiscard]] int raise_open_files_max();

// The descriptor number from which on callers are turned away. The system gives out the lowest that is free, so as many
// as lie above it are always left for the store, which opens more files as the log grows and must never find none.
[[nodiscard]] int files_for_callers(int open_files_max);

}  // namespace runledger
