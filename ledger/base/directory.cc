// The calls of the standard library and of POSIX, with our failures.
#include "ledger/base/directory.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "ledger/base/failure.h"
#include "ledger/base/free_space.h"
#include "ledger/base/posix_file.h"

namespace runledger {

namespace fs = std::filesystem;

std::vector<std::string> names_in(const fs::path& directory) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename());
  if (error) {
    errno = error.value();
    throw_errno("read", directory);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void refuse_open_directory(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw_errno("look at", path);
  if ((status.st_mode & S_IWOTH) != 0)
    throw Failure(Remedy::kCorrectInput, "ledger.insecure",
                  fmt::format("expected {} to be closed to the writes of other users, found that every user may write "
                              "to it",
                              path.string()));
}

void make_own_directory(const fs::path& path) {
  // A umask can only take bits away. chmod() gives back those of the owner.
  if (::mkdir(path.c_str(), S_IRWXU) != 0 || ::chmod(path.c_str(), S_IRWXU) != 0) throw_write_errno("make", path);
}

void remove_path(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return;
  errno = error.value();
  throw_errno("remove", path);
}

void remove_quietly(const fs::path& path) noexcept {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace runledger
