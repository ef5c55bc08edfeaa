// Asks the file system.
#include "ledger/base/free_space.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"

namespace runledger {

void require_free_bytes(const std::filesystem::path& path, std::uint64_t free_bytes_min) {
  if (free_bytes_min == 0) return;
  std::error_code error;
  const std::uint64_t free = std::filesystem::space(path, error).available;
  if (error) {
    errno = error.value();
    throw_errno("look at", path);
  }
  if (free >= free_bytes_min) return;
  throw Failure(Remedy::kCallOperator, "storage.full",
                fmt::format("expected at least {} free bytes to be left on the disk of {}, found {}", free_bytes_min,
                            path.string(), free));
}

void throw_write_errno(std::string_view doing, const std::filesystem::path& path) {
  if (errno == ENOSPC || errno == EDQUOT)
    throw Failure(Remedy::kCallOperator, "storage.full",
                  fmt::format("could not {} {}: no space is left", doing, path.string()));
  throw_errno(doing, path);
}

}  // namespace runledger
