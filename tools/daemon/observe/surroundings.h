// What the operating system says about the process and its disk, for the metrics.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace runledger {

// The memory of this process that is in RAM, as /proc has it. Absent when /proc cannot be read.
[[nodiscard]] std::optional<std::uint64_t> resident_bytes();

// The bytes that the process may still write to the file system of `directory`. Absent when the system does not say.
[[nodiscard]] std::optional<std::uint64_t> free_bytes(const std::filesystem::path& directory);

}  // namespace runledger
