// Directories of our own: made for their owner only, read, checked and removed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace runledger {

// Returns the names of the directory's entries, sorted. Throws as throw_errno() does.
[[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& directory);

// Throws Failure "ledger.insecure" when every user may write to the directory, and as throw_errno() does.
void refuse_open_directory(const std::filesystem::path& path);

// Makes the directory with mode 0700, whatever the umask is. Throws as throw_write_errno() does.
void make_own_directory(const std::filesystem::path& path);

// Removes the path with everything in it. It is no error if there is nothing. Throws as throw_errno() does.
void remove_path(const std::filesystem::path& path);
// The same, for a path that may as well stay: whatever cannot be removed does.
void remove_quietly(const std::filesystem::path& path) noexcept;

}  // namespace runledger
