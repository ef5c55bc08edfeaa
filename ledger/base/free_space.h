// The room on a disk: how much the ledger leaves free, and the failure when there is none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace runledger {

// With fewer free bytes on its disk, a ledger refuses new work. Whatever else fills that disk stops well before.
inline constexpr std::uint64_t kFreeBytesMin = 256ULL << 20U;

// Throws Failure "storage.full" when fewer than `free_bytes_min` bytes are free on the file system of `path`, and as
// throw_errno() does. Zero asks nothing.
void require_free_bytes(const std::filesystem::path& path, std::uint64_t free_bytes_min);

// Throws Failure for errno after a write: "storage.full" when the disk has no room, or the user no quota, otherwise as
// throw_errno() does.
[[noreturn]] void throw_write_errno(std::string_view doing, const std::filesystem::path& path);

}  // namespace runledger
