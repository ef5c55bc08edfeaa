// Files of a backup: written once, synced, and known by their size and digest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string_view>

#include "ledger/values/digest.h"

namespace runledger {

struct FileSum {
  std::uint64_t bytes = 0;
  Digest<32> sha256;
  friend bool operator==(const FileSum&, const FileSum&) = default;
};

// All functions throw Failure as throw_errno() does, and "storage.full" when the disk has no room. They follow no
// symbolic link. New files have mode 0600, and their names are durable only after sync_directory().

// Copies the file `from` to the new file `to`, and returns what was copied. Both files leave the page cache, so that a
// later read of the copy comes from the disk, and the copying displaces nothing. Throws "backup.interrupted" when a
// stop is requested meanwhile.
FileSum copy_durably(const std::filesystem::path& from, const std::filesystem::path& to,
                     const std::stop_token& stop = {});
// Writes the new file `to`.
FileSum write_durably(const std::filesystem::path& to, std::string_view bytes);
[[nodiscard]] FileSum sum_of(const std::filesystem::path& file);

// Makes the directory with mode 0700, whatever the umask is.
void make_own_directory(const std::filesystem::path& path);
// Removes the path with everything in it. It is no error if there is nothing.
void remove_path(const std::filesystem::path& path);

}  // namespace runledger
