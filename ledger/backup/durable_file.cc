// Copies in pieces, and syncs now and then: a single sync at the end would hold up the ledger's own syncs for seconds.
#include "ledger/backup/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/base/free_space.h"
#include "ledger/base/posix_file.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 1U << 20U;
constexpr std::uint64_t kBytesPerSync = 8U << 20U;

PosixFile make_file(const fs::path& path) {
  PosixFile file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (!file.is_open()) throw_write_errno("make", path);
  return file;
}

PosixFile open_file(const fs::path& path) {
  PosixFile file = open_own(path, O_RDONLY, FileAccess::kAny);
  if (!file.is_open()) throw_errno("open", path);
  return file;
}

// Reads the file from its beginning. Returns the number of bytes in `piece`; zero at the end.
std::size_t read_piece(const PosixFile& file, const fs::path& path, std::uint64_t at, std::vector<char>& piece) {
  for (;;) {
    const ssize_t count = ::pread(file.handle(), piece.data(), piece.size(), static_cast<off_t>(at));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw_errno("read", path);
  }
}

void write_piece(const PosixFile& file, const fs::path& path, std::uint64_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file.handle(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_write_errno("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(count));
    at += static_cast<std::uint64_t>(count);
  }
}

void sync_file(const PosixFile& file, const fs::path& path) {
  if (::fsync(file.handle()) != 0) throw_write_errno("sync", path);
}

// Only advice: the system may ignore it.
void forget_pages(const PosixFile& file) {
  (void)::posix_fadvise(file.handle(), 0, 0, POSIX_FADV_DONTNEED);
}

}  // namespace

void require_no_stop(const std::stop_token& stop, std::string_view doing) {
  if (stop.stop_requested())
    throw Failure(Remedy::kRetryLater, "backup.interrupted",
                  fmt::format("expected to {}, found a request to stop", doing));
}

FileSum copy_durably(const fs::path& from, const fs::path& to, const CopyLimits& limits) {
  const PosixFile source = open_file(from);
  const PosixFile copy = make_file(to);
  std::vector<char> piece(kPieceBytes);
  Sha256 digest;
  FileSum sum;
  while (const std::size_t count = read_piece(source, from, sum.bytes, piece)) {
    require_no_stop(limits.stop, "copy " + from.string());
    const std::string_view bytes(piece.data(), count);
    digest.add(bytes);
    write_piece(copy, to, sum.bytes, bytes);
    sum.bytes += count;
    if (sum.bytes % kBytesPerSync >= count) continue;
    sync_file(copy, to);
    require_free_bytes(to, limits.free_bytes_min);
  }
  sync_file(copy, to);
  require_free_bytes(to, limits.free_bytes_min);
  forget_pages(copy);
  forget_pages(source);
  sum.sha256 = digest.finish();
  return sum;
}

FileSum write_durably(const fs::path& to, std::string_view bytes) {
  const PosixFile file = make_file(to);
  write_piece(file, to, 0, bytes);
  sync_file(file, to);
  return {bytes.size(), sha256({bytes})};
}

FileSum sum_of(const fs::path& path) {
  const PosixFile file = open_file(path);
  std::vector<char> piece(kPieceBytes);
  Sha256 digest;
  FileSum sum;
  while (const std::size_t count = read_piece(file, path, sum.bytes, piece)) {
    digest.add({piece.data(), count});
    sum.bytes += count;
  }
  sum.sha256 = digest.finish();
  return sum;
}

}  // namespace runledger
