// Writes the file, syncs it, gives it a name, renames it into its place, and syncs the directory.
#include "tools/cli/output/replaced_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "ledger/base/failure.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& name, int error) {
  const Remedy remedy = error == ENOSPC || error == EIO ? Remedy::kCallOperator : Remedy::kCorrectInput;
  throw Failure(remedy, "output.failed", fmt::format("expected to write {}, found: {}", name, std::strerror(error)));
}

bool is_special(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status);
}

// Follows symbolic links, except to a special file: /dev/stdout may point to a name that cannot be opened as a path.
fs::path followed(const fs::path& path) {
  if (is_special(path)) return path;
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);
  return error ? path : target;
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Descriptor open_named(const fs::path& path) {
  return Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
}

Descriptor open_nameless(const fs::path& directory) {
  return Descriptor(::open(directory.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600));
}

// Makes the rename durable; syncing the file alone does not.
void sync_directory(const std::string& name, const fs::path& directory) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.get()) != 0) fail(name, errno);
}

}  // namespace

ReplacedFile::ReplacedFile(const std::string& path)
    : name_(path),
      path_(followed(path)),
      is_special_(is_special(path_)),
      partial_(path_.string() + fmt::format(".partial-{}", ::getpid())),
      file_(open()),
      out_(file_.get(), path) {}

ReplacedFile::~ReplacedFile() {
  if (file_.is_open() && has_name_) ::unlink(partial_.c_str());
}

Descriptor ReplacedFile::open() {
  Descriptor file = is_special_ ? open_named(path_) : open_nameless(directory_of(path_));
  if (!file.is_open() && !is_special_) {
    file = open_named(partial_);
    has_name_ = file.is_open();
  }
  if (!file.is_open()) fail(name_, errno);
  return file;
}

// Takes over owner, group and mode of the file that is replaced. If the group cannot be kept, the group and other bits
// are cleared: otherwise our own group would get the rights of that group.
void ReplacedFile::take_over_access() const {
  struct stat there {};
  if (::stat(path_.c_str(), &there) != 0) return;
  mode_t mode = there.st_mode & 0777U;
  constexpr auto kSameOwner = static_cast<uid_t>(-1);
  if (::fchown(file_.get(), there.st_uid, there.st_gid) != 0 && ::fchown(file_.get(), kSameOwner, there.st_gid) != 0)
    mode &= 0700U;
  if (::fchmod(file_.get(), mode) != 0) fail(name_, errno);
}

void ReplacedFile::commit() {
  out_.flush();
  if (is_special_) return;
  take_over_access();
  if (::fsync(file_.get()) != 0) fail(name_, errno);
  if (!has_name_) {
    // linkat() refuses a name that exists, so the file cannot get the name `path_` directly: only rename() replaces.
    ::unlink(partial_.c_str());  // A process with the same id may have been killed here.
    const std::string nameless = fmt::format("/proc/self/fd/{}", file_.get());
    if (::linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, partial_.c_str(), AT_SYMLINK_FOLLOW) != 0) fail(name_, errno);
    has_name_ = true;
  }
  if (::rename(partial_.c_str(), path_.c_str()) != 0) fail(name_, errno);
  file_.close();
  sync_directory(name_, directory_of(path_));
}

}  // namespace runledger
