// Write, sync, rename, sync the directory.
#include "tools/cli/replaced_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "ledger/failure.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int error) {
  const Remedy remedy = error == ENOSPC || error == EIO ? Remedy::kCallOperator : Remedy::kCorrectInput;
  throw Failure(remedy, "output.failed",
                fmt::format("expected to write {}, found: {}", path.string(), std::strerror(error)));
}

bool is_special(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status);
}

// A special file keeps its name: what /dev/stdout points to is no path that can be opened.
fs::path followed(const fs::path& path) {
  if (is_special(path)) return path;
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);
  return error ? path : target;
}

fs::path written_path(const fs::path& path) {
  if (is_special(path)) return path;
  return path.string() + fmt::format(".partial-{}", ::getpid());
}

int open_to_write(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) fail(path, errno);
  return descriptor;
}

void sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(directory, errno);
  const int synced = ::fsync(descriptor);
  ::close(descriptor);
  if (synced != 0) fail(directory, errno);
}

}  // namespace

ReplacedFile::ReplacedFile(const std::string& path)
    : path_(followed(path)),
      written_(written_path(path_)),
      descriptor_(open_to_write(written_)),
      out_(descriptor_, path) {}

ReplacedFile::~ReplacedFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (written_ != path_) ::unlink(written_.c_str());
}

void ReplacedFile::commit() {
  out_.flush();
  if (written_ == path_) return;
  if (::fsync(descriptor_) != 0) fail(written_, errno);
  if (::rename(written_.c_str(), path_.c_str()) != 0) fail(path_, errno);
  ::close(descriptor_);
  descriptor_ = -1;
  sync_directory(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

}  // namespace runledger
