// Wraps each POSIX call and turns its error into a Failure.
#include "ledger/base/posix_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <system_error>

#include "ledger/base/failure.h"

namespace runledger {

PosixFile::PosixFile(const std::filesystem::path& path, int flags, mode_t mode)
    : path_(path), handle_(::open(path.c_str(), flags, mode)) {}

void PosixFile::require(std::string_view doing) const {
  if (!is_open()) throw_errno(doing, path_);
}

void PosixFile::write(std::string_view bytes) const {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count =
        ::pwrite(handle(), bytes.data() + written, bytes.size() - written, static_cast<off_t>(written));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("write", path_);
    if (count == 0) {  // Without this check the loop would never end.
      throw Failure(
          Remedy::kCallOperator, "storage.failed",
          fmt::format("could not write {}: the system took {} bytes of {}", path_.string(), written, bytes.size()));
    }
    written += static_cast<std::size_t>(count);
  }
}

void PosixFile::sync() const {
  if (::fsync(handle()) != 0) throw_errno("sync", path_);
}

std::string PosixFile::read_all() const {
  std::optional<std::string> bytes = read_up_to(std::numeric_limits<std::size_t>::max());
  if (!bytes) throw_errno("read", path_);
  return *std::move(bytes);
}

std::optional<std::string> PosixFile::read_up_to(std::size_t bytes_max) const {
  std::string bytes;
  char buffer[16 * 1024];
  while (bytes.size() < bytes_max) {
    const std::size_t size = std::min(sizeof(buffer), bytes_max - bytes.size());
    const ssize_t count = ::pread(handle(), buffer, size, static_cast<off_t>(bytes.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
  return bytes;
}

// O_NONBLOCK keeps open() from waiting for the writer of a pipe, and has no effect on a regular file.
NamedFile::NamedFile(const std::filesystem::path& path) : file(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) {
  if (!file.is_open() || ::fstat(file.handle(), &status) != 0) {
    trouble = std::generic_category().message(errno);
  } else if (!S_ISREG(status.st_mode)) {
    trouble = "no regular file";
  }
}

namespace {

[[noreturn]] void refuse_insecure(const std::filesystem::path& path, std::string_view expected,
                                  std::string_view found) {
  throw Failure(Remedy::kCorrectInput, "ledger.insecure",
                fmt::format("expected {} to be {}, found {}", path.string(), expected, found));
}

}  // namespace

PosixFile open_own(const std::filesystem::path& path, int flags, FileAccess access) {
  PosixFile file(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (!file.is_open() && errno == ENOENT) return file;
  if (!file.is_open() && errno == ELOOP) refuse_insecure(path, "a regular file", "a symbolic link");
  if (!file.is_open() && (errno == ENXIO || errno == EISDIR)) refuse_insecure(path, "a regular file", "something else");
  file.require("open");
  struct stat status {};
  if (::fstat(file.handle(), &status) != 0) throw_errno("look at", path);
  if (!S_ISREG(status.st_mode)) refuse_insecure(path, "a regular file", "something else");
  if (access == FileAccess::kOwnerOnly && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    refuse_insecure(path, "for its owner only (mode 0600)", fmt::format("mode {:04o}", status.st_mode & 07777U));
  }
  return file;
}

void sync_directory(const std::filesystem::path& path) {
  const PosixFile directory(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  directory.require("open");
  directory.sync();
}

void replace_own(const std::filesystem::path& path, std::string_view bytes,
                 const std::function<void(const PosixFile& made)>& prepare) {
  const std::filesystem::path made = path.native() + ".new";
  if (::unlink(made.c_str()) != 0 && errno != ENOENT) throw_errno("remove", made);
  const PosixFile file(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  file.require("make");
  if (prepare) prepare(file);
  file.write(bytes);
  file.sync();
  if (std::rename(made.c_str(), path.c_str()) != 0) throw_errno("replace", path);
  sync_directory(path.parent_path());
}

void throw_errno_as(std::string_view code, std::string_view doing) {
  throw Failure(Remedy::kCallOperator, code, fmt::format("{}: {}", doing, std::generic_category().message(errno)));
}

void throw_errno(std::string_view doing, const std::filesystem::path& path) {
  const int error = errno;  // Read first: building the message may change it.
  const std::string reason = std::generic_category().message(error);
  // The user can correct a missing permission; everything else is for the operator.
  if (error == EACCES || error == EPERM || error == EROFS) {
    throw Failure(Remedy::kCorrectInput, "ledger.not_writable",
                  fmt::format("expected to be allowed to {} {}, found: {}", doing, path.string(), reason));
  }
  throw Failure(Remedy::kCallOperator, "storage.failed",
                fmt::format("could not {} {}: {}", doing, path.string(), reason));
}

}  // namespace runledger
