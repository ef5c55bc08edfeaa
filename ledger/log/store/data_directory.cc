// Checks a ledger's directory, takes its lock, and stores its key.
//
// For use, require_ledger() checks that a finished ledger is there and that other users cannot write to it, and
// require_owner() that this process may make files there; then take_lock() takes an exclusive flock() on the file
// `lock` and writes the process id into it, for the message that another process will print. The kernel releases the
// lock when the process ends, however it ends.
//
// A creation has to survive being killed at any point, and must never delete files of someone else:
//
// 1. The directory and its parents are made, and the parent is synced.
// 2. is_free() requires that the directory holds nothing but the leftovers of another creation. It is called before the
//    lock is taken, so that a foreign directory stays untouched, and again afterwards, because another creation may
//    have taken the lock first and finished.
// 3. The marker `unfinished` is written and synced. Only then are leftovers removed.
// 4. make_store_directory() makes the store's directory, Store::create() makes the database in it, write_key() writes
//    and syncs the key, and finish_creation() removes the marker.
//
// A kill during step 4 leaves the marker, so the directory is refused for use and accepted by the next creation. A kill
// during step 3 leaves the lock and a part of the marker's text; is_marker() accepts such a part only if nothing else
// is in the directory. Everything that is ever removed is therefore beside a marker with our own text.
#include "ledger/log/store/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "ledger/base/directory.h"
#include "ledger/base/failure.h"
#include "ledger/log/store/ledger_files.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockFile = "lock";
constexpr const char* kMarkerFile = "unfinished";
constexpr const char* kStoreDirectory = "store";

// What a creation or a restoration that was interrupted may leave besides small files (kLedgerFiles).
std::vector<std::string_view> left_directories() {
  std::vector<std::string_view> names{kStoreDirectory, kRestoringDirectory};
  for (const auto& derived : kEnumWords<Derived>) names.push_back(derived.word);
  return names;
}

// A creation removes what it finds beside the marker, so the text must identify the marker as ours beyond doubt.
constexpr std::string_view kMarkerText =
    "runledger is making a ledger here. If it was interrupted, run the same command again.\n";

[[noreturn]] void fail(Remedy remedy, std::string_view code, const std::string& what) {
  throw Failure(remedy, code, what);
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Returns the text of a small file; absent when the path is something else or cannot be read.
std::optional<std::string> read_small(const fs::path& path) {
  constexpr off_t kBytesMax = 256;
  if (std::error_code error; fs::is_symlink(path, error)) return {};
  const NamedFile named(path);
  if (!named.trouble.empty() || named.status.st_size > kBytesMax) return {};
  return named.file.read_all();
}

// Whether a file could be a lock: it is empty, or holds a process id as take_lock() writes it.
bool is_lock(const fs::path& path) {
  std::optional<std::string> text = read_small(path);
  if (text && text->ends_with('\n')) text->pop_back();
  return text && text->find_first_not_of("0123456789") == std::string::npos;
}

// Whether the file is a marker. A creation that was killed while it wrote the marker leaves only its lock and a part of
// the marker's text, so a part is accepted if nothing else is there.
bool is_marker(const fs::path& path, const std::vector<std::string>& names) {
  const std::optional<std::string> text = read_small(path);
  if (!text) return false;
  const bool is_first = names.size() == 2 && holds(names, kLockFile);
  return is_first ? kMarkerText.starts_with(*text) : kMarkerText == *text;
}

// Whether a creation may go ahead: every entry of the directory is left over from another creation.
bool is_free(const fs::path& path) {
  const std::vector<std::string> names = names_in(path);
  const std::vector<std::string_view> left = left_directories();
  const auto is_leftover = [&left](const std::string& name) {
    return find_ledger_file(name) != nullptr || std::find(left.begin(), left.end(), name) != left.end();
  };
  const auto is_ours = [&](const std::string& name) {
    return name == kLockFile || name == kMarkerFile || is_leftover(name);
  };
  if (!std::all_of(names.begin(), names.end(), is_ours)) return false;
  if (holds(names, kLockFile) && !is_lock(path / kLockFile)) return false;
  if (holds(names, kMarkerFile)) return is_marker(path / kMarkerFile, names);
  return std::none_of(names.begin(), names.end(), is_leftover);
}

// Returns the user's name and number, or the number alone for a user that the system does not know.
std::string user_text(uid_t user) {
  std::array<char, 4096> names{};
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwuid_r(user, &entry, names.data(), names.size(), &found);
  return error == 0 && found != nullptr ? fmt::format("the user {} ({})", found->pw_name, user)
                                        : fmt::format("the user {}", user);
}

// Returns the process id in the lock file, for a message. The holder may not have written it yet: "unknown".
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
  refuse_open_directory(path);
  const auto names = names_in(path);
  if (holds(names, kMarkerFile)) {
    fail(Remedy::kCorrectInput, "ledger.not_found",
         fmt::format("expected a ledger at {}, found one whose {}", path.string(),
                     holds(names, kRestoringDirectory)
                         ? "restoration was interrupted: run restore again; init would make an empty ledger"
                         : "creation was interrupted: run init again, or restore if it was restored"));
  }
  if (!holds(names, kIdentityKeyFile) && !holds(names, kStoreDirectory)) {
    fail(Remedy::kCorrectInput, "ledger.not_found",
         fmt::format("expected a ledger at {}, found a directory without one", path.string()));
  }
}

LedgerOwner owner_of_ledger(const fs::path& path) {
  struct stat status {};
  const fs::path store = path / kStoreDirectory;
  if (::stat(store.c_str(), &status) == 0) return {status.st_uid, status.st_gid};
  if (errno != ENOENT) throw_errno("look at", store);
  if (::stat(path.c_str(), &status) != 0) throw_errno("look at", path);
  return {status.st_uid, status.st_gid};
}

void give_to_owner(const PosixFile& made, const fs::path& ledger) {
  if (::geteuid() != 0) return;
  const LedgerOwner owner = owner_of_ledger(ledger);
  if (::fchown(made.handle(), owner.user, owner.group) != 0) throw_errno("give away a file in", ledger);
}

void require_owner(const fs::path& path) {
  const uid_t owner = owner_of_ledger(path).user;
  const uid_t user = ::geteuid();
  if (user == owner) return;
  fail(Remedy::kCorrectInput, "ledger.wrong_user",
       fmt::format("expected {}, to whom the ledger in {} belongs, found {}: run the command as the former",
                   user_text(owner), path.string(), user_text(user)));
}

DataDirectory::DataDirectory(fs::path path, Purpose purpose) : path_(std::move(path)) {
  switch (purpose) {
    case Purpose::kUse:
    case Purpose::kUseCopy:
      prepare_use(purpose);
      break;
    case Purpose::kCreate:
      prepare_creation();
      break;
  }
}

void DataDirectory::prepare_use(Purpose purpose) {
  require_ledger(path_);
  if (purpose == Purpose::kUse) require_owner(path_);
  take_lock();
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
  refuse_open_directory(path_);
  // Checked twice: before taking the lock, so that no lock file is left in a foreign directory, and afterwards, because
  // another creation may have finished before this one got the lock.
  if (!is_free(path_)) refuse("that it holds something");
  take_lock();
  if (!is_free(path_)) refuse("that it holds something");
  const PosixFile marker = open_own(path_ / kMarkerFile, O_WRONLY | O_CREAT, FileAccess::kAny);
  marker.write(kMarkerText);
  marker.sync();
  sync_directory(path_);
  for (const std::string_view name : left_directories()) remove_path(path_ / name);
  for (const LedgerFile& file : kLedgerFiles) remove_path(path_ / file.name);
}

namespace {

void lock_file(const PosixFile& file, const fs::path& directory) {
  if (::flock(file.handle(), LOCK_EX | LOCK_NB) == 0) return;
  if (errno != EWOULDBLOCK) throw_errno("lock", directory / kLockFile);
  fail(Remedy::kRetryLater, "ledger.busy",
       fmt::format("expected {} to be free, found it held by process {}", directory.string(),
                   read_holder(file.handle())));
}

}  // namespace

PosixFile lock_unchanged(const fs::path& path) {
  PosixFile file = open_own(path / kLockFile, O_RDONLY | O_CLOEXEC, FileAccess::kAny);
  if (file.is_open()) lock_file(file, path);
  return file;
}

void DataDirectory::take_lock() {
  PosixFile file = open_own(path_ / kLockFile, O_RDWR | O_CREAT, FileAccess::kAny);
  lock_file(file, path_);
  if (::ftruncate(file.handle(), 0) != 0) throw_errno("write", path_ / kLockFile);
  file.write(fmt::format("{}\n", ::getpid()));
  lock_ = std::move(file);
}

namespace {

// The key in the file at `path`; absent when there is no file. Throws as read_identity_key() does.
std::optional<IdentityKey> find_key(const fs::path& path) {
  const PosixFile file = open_own(path, O_RDONLY, FileAccess::kOwnerOnly);
  const auto missing = [&path](std::string_view found) {
    fail(Remedy::kCallOperator, "ledger.key_missing",
         fmt::format("expected this ledger's identity key in {}, found {}", path.string(), found));
  };
  if (!file.is_open()) return {};
  struct stat status {};
  if (::fstat(file.handle(), &status) != 0) throw_errno("look at", path);
  IdentityKey key;
  const bool whole =
      status.st_size == static_cast<off_t>(key.bytes.size()) &&
      ::pread(file.handle(), key.bytes.data(), key.bytes.size(), 0) == static_cast<ssize_t>(key.bytes.size());
  if (!whole) missing(fmt::format("{} bytes where a key has {}", status.st_size, key.bytes.size()));
  return key;
}

}  // namespace

IdentityKey read_identity_key(const fs::path& path) {
  if (const std::optional<IdentityKey> key = find_key(path / kIdentityKeyFile)) return *key;
  fail(
      Remedy::kCallOperator, "ledger.key_missing",
      fmt::format("expected this ledger's identity key in {}, found no such file", (path / kIdentityKeyFile).string()));
}

void DataDirectory::keep_key(const IdentityKey& key) const {
  replace_own(path_ / kKeptIdentityKeyFile, {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()});
}

std::optional<IdentityKey> read_kept_identity_key(const fs::path& path, const Digest<8>& id) {
  std::optional<IdentityKey> key = find_key(path / kKeptIdentityKeyFile);
  if (key && key->id() != id) key.reset();
  return key;
}

std::optional<IdentityKey> DataDirectory::take_kept_key(const Digest<8>& id) const {
  const std::optional<IdentityKey> key = read_kept_identity_key(path_, id);
  if (!key) return {};
  if (::rename((path_ / kKeptIdentityKeyFile).c_str(), (path_ / kIdentityKeyFile).c_str()) != 0)
    throw_errno("replace", path_ / kIdentityKeyFile);
  sync_directory(path_);
  return key;
}

void DataDirectory::make_store_directory() const {
  make_own_directory(store_path());
}

void DataDirectory::write_key(const IdentityKey& key) const {
  const PosixFile file(path_ / kIdentityKeyFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  file.require("make");
  file.write({reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()});
  file.sync();
  sync_directory(path_);
}

void DataDirectory::finish_creation() const {
  PosixFile(path_ / kMarkFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR).require("make");
  remove_marker();
}

void DataDirectory::adopt(const fs::path& aside) const {
  for (const std::string& name : names_in(aside)) {
    if (name == kLockFile) continue;
    if (::rename((aside / name).c_str(), (path_ / name).c_str()) != 0) throw_errno("move", aside / name);
  }
  remove_path(aside);
  remove_marker();
}

void DataDirectory::remove_marker() const {
  sync_directory(path_);
  if (::unlink((path_ / kMarkerFile).c_str()) != 0) throw_errno("remove", path_ / kMarkerFile);
  sync_directory(path_);
}

}  // namespace runledger
