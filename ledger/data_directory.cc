// Looks at what is there, takes the lock, keeps the key.
#include "ledger/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "ledger/failure.h"
#include "ledger/posix_file.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockFile = "lock";
constexpr const char* kKeyFile = "identity.key";
constexpr const char* kMarkerFile = "unfinished";
constexpr const char* kStoreDirectory = "store";

[[noreturn]] void fail(Remedy remedy, std::string_view code, const std::string& what) {
  throw Failure(remedy, code, what);
}

// Names of what a directory holds.
std::vector<std::string> contents(const fs::path& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename());
  }
  if (error)
    fail(Remedy::kCallOperator, "storage.failed", fmt::format("could not read {}: {}", path.string(), error.message()));
  return names;
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether a creation may go ahead in a directory that holds these.
bool is_free(const std::vector<std::string>& names) {
  return names.empty() || holds(names, kMarkerFile) || (names.size() == 1 && names.front() == kLockFile);
}

void refuse_insecure(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw_errno("look at", path);
  if ((status.st_mode & S_IWOTH) != 0) {
    fail(Remedy::kCorrectInput, "ledger.insecure",
         fmt::format("expected {} to be writable by its owner only, found that everybody may write to it",
                     path.string()));
  }
}

std::string read_holder(int handle) {
  char text[32] = {};
  const ssize_t size = ::pread(handle, text, sizeof(text) - 1, 0);
  std::string holder(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  holder.erase(std::find_if(holder.begin(), holder.end(), [](char c) { return c < '0' || c > '9'; }), holder.end());
  return holder.empty() ? "unknown" : holder;
}

}  // namespace

void require_ledger(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    fail(Remedy::kCorrectInput, "ledger.not_found",
         fmt::format("expected the directory of a ledger at {}, found {}", path.string(),
                     fs::exists(path, error) ? "something else" : "nothing"));
  }
  refuse_insecure(path);
  const auto names = contents(path);
  if (holds(names, kMarkerFile)) {
    fail(Remedy::kCorrectInput, "ledger.not_found",
         fmt::format("expected a ledger at {}, found one whose creation was interrupted: run init again",
                     path.string()));
  }
  if (!holds(names, kKeyFile) && !holds(names, kStoreDirectory)) {
    fail(Remedy::kCorrectInput, "ledger.not_found",
         fmt::format("expected a ledger at {}, found a directory without one", path.string()));
  }
}

DataDirectory::DataDirectory(fs::path path, Purpose purpose) : path_(std::move(path)) {
  if (purpose == Purpose::kUse) {
    prepare_use();
  } else {
    prepare_creation();
  }
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0)
    ::close(lock_);  // Lets go of the lock. The file stays: removing it could free a lock held by another.
}

void DataDirectory::prepare_use() {
  require_ledger(path_);
  lock(O_RDWR | O_CREAT | O_CLOEXEC);
}

void DataDirectory::prepare_creation() {
  std::error_code error;
  const fs::path parent = fs::absolute(path_).lexically_normal().parent_path();
  fs::create_directories(parent, error);
  if (error)
    fail(Remedy::kCallOperator, "storage.failed",
         fmt::format("could not make {}: {}", parent.string(), error.message()));
  if (::mkdir(path_.c_str(), S_IRWXU) == 0) {
    sync_directory(parent);
  } else if (errno != EEXIST) {
    throw_errno("make", path_);
  }
  const auto refuse = [this](std::string_view found) {
    fail(Remedy::kCorrectInput, "ledger.exists",
         fmt::format("expected an empty directory at {}, found {}", path_.string(), found));
  };
  if (!fs::is_directory(path_, error)) refuse("something else");
  refuse_insecure(path_);
  // Looked at twice: before the lock, so that nothing is left in a directory of somebody else's; behind it, because
  // another creation may have been quicker.
  if (!is_free(contents(path_))) refuse("that it holds something");
  lock(O_RDWR | O_CREAT | O_CLOEXEC);
  if (!is_free(contents(path_))) refuse("that it holds something");
  const PosixFile marker(path_ / kMarkerFile, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  marker.require("make");
  marker.sync();
  sync_directory(path_);
  fs::remove_all(store_path(), error);
  fs::remove(path_ / kKeyFile, error);
}

void DataDirectory::lock(int flags) {
  PosixFile file(path_ / kLockFile, flags, S_IRUSR | S_IWUSR);
  file.require("open");
  if (::flock(file.handle(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw_errno("lock", path_ / kLockFile);
    fail(
        Remedy::kRetryLater, "ledger.busy",
        fmt::format("expected {} to be free, found it held by process {}", path_.string(), read_holder(file.handle())));
  }
  if (::ftruncate(file.handle(), 0) != 0) throw_errno("write", path_ / kLockFile);
  file.write(fmt::format("{}\n", ::getpid()));
  lock_ = file.release();
}

IdentityKey DataDirectory::read_key() const {
  const fs::path path = path_ / kKeyFile;
  const PosixFile file(path, O_RDONLY | O_CLOEXEC);
  const auto missing = [&path](std::string_view found) {
    fail(Remedy::kCallOperator, "ledger.key_missing",
         fmt::format("expected this ledger's identity key in {}, found {}", path.string(), found));
  };
  if (!file.is_open() && errno == ENOENT) missing("no such file");
  file.require("open");
  struct stat status {};
  if (::fstat(file.handle(), &status) != 0) throw_errno("look at", path);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    fail(Remedy::kCorrectInput, "ledger.insecure",
         fmt::format("expected {} to be for its owner only (mode 0600), found mode {:04o}", path.string(),
                     status.st_mode & 07777U));
  }
  IdentityKey key;
  const bool whole =
      status.st_size == static_cast<off_t>(key.bytes.size()) &&
      ::pread(file.handle(), key.bytes.data(), key.bytes.size(), 0) == static_cast<ssize_t>(key.bytes.size());
  if (!whole) missing(fmt::format("{} bytes where a key has {}", status.st_size, key.bytes.size()));
  return key;
}

void DataDirectory::write_key(const IdentityKey& key) const {
  const PosixFile file(path_ / kKeyFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  file.require("make");
  file.write({reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()});
  file.sync();
  sync_directory(path_);
}

void DataDirectory::finish_creation() const {
  if (::unlink((path_ / kMarkerFile).c_str()) != 0) throw_errno("remove", path_ / kMarkerFile);
  sync_directory(path_);
}

}  // namespace runledger
