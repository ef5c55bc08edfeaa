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

// What ends a copying early.
struct CopyLimits {
  std::stop_token stop = {};         // "backup.interrupted" when a stop is requested.
  std::uint64_t free_bytes_min = 0;  // "storage.full" when the copy leaves fewer bytes free on its disk.
};

// Throws Failure "backup.interrupted" when a stop was requested. `doing` completes "expected to …".
void require_no_stop(const std::stop_token& stop, std::string_view doing);

// Copies the file `from` to the new file `to`, and returns what was copied. Both files leave the page cache, so that a
// later read of the copy comes from the disk, and the copying displaces nothing.
FileSum copy_durably(const std::filesystem::path& from, const std::filesystem::path& to, const CopyLimits& limits = {});
// Writes the new file `to`.
FileSum write_durably(const std::filesystem::path& to, std::string_view bytes);
[[nodiscard]] FileSum sum_of(const std::filesystem::path& file);

}  // namespace runledger
