// Takes the files of each database so that together they are what a crash at one moment would have left.
//
// A table never changes, so the view has a symbolic link to it, through a descriptor that keeps it from vanishing. The
// manifest, which names the tables that count, and the engine's own log are copied. The log is synced after it was
// copied: the writer may not have come so far, and nobody must see what a loss of power could undo.
//
// The files are those of one moment if the manifest did not grow and was not replaced meanwhile, and no file of the log
// went away. Growth of the log does no harm: what was copied is its beginning, cut as a crash would cut it. A log that
// was begun meanwhile continues the others, so it may be left out; one that was there at the beginning shows that those
// before it were complete. Otherwise what is new is taken as well, and everything is compared again: little and quick,
// so that it ends also beside a writer that never rests.
//
// What is derived from the log is taken before it, because it must not be ahead; so is the mark. A derived database
// that changes too fast is left out, since it can be derived again.
#include "ledger/log/store/ledger_view.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "ledger/base/directory.h"
#include "ledger/base/failure.h"
#include "ledger/base/free_space.h"
#include "ledger/base/replace.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/log/store/ledger_files.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "runledger-view-";
constexpr const char* kInUse = "in-use";
constexpr const char* kStore = "store";
constexpr int kTriesMax = 500;
constexpr std::chrono::milliseconds kBetweenTries{1};
constexpr std::size_t kPieceBytes = 1U << 20U;
constexpr std::chrono::minutes kAbandonedAfter{1};  // A younger one may not have its lock yet.

bool is_table(std::string_view name) {
  return name.ends_with(".sst");
}
bool is_log(std::string_view name) {
  return name.ends_with(".log");
}
// The engine also has files of its own settings and messages, which it does not need.
bool is_needed(std::string_view name) {
  return is_table(name) || is_log(name) || name == "CURRENT" || name == "IDENTITY" || name.starts_with("MANIFEST-");
}

// Opens a file to read. Returns a file that is not open if there is none any more.
PosixFile open_to_read(const fs::path& path) {
  PosixFile file(path, O_RDONLY | O_CLOEXEC);
  if (!file.is_open() && errno != ENOENT) throw_errno("read", path);
  return file;
}

// The needed files and their sizes, but zero for tables, which never change. A file that goes away meanwhile is left
// out.
std::map<std::string, std::uintmax_t> files_in(const fs::path& database) {
  std::map<std::string, std::uintmax_t> files;
  for (const std::string& name : names_in(database)) {
    if (!is_needed(name)) continue;
    std::error_code gone;
    const std::uintmax_t bytes = is_table(name) ? 0 : fs::file_size(database / name, gone);
    if (!gone) files.emplace(name, bytes);
  }
  return files;
}

// Whether what was taken of the files `before` is that of one moment, given the files afterwards.
bool are_of_one_moment(const std::map<std::string, std::uintmax_t>& before,
                       const std::map<std::string, std::uintmax_t>& after) {
  for (const auto& [name, bytes] : before) {
    if (is_table(name)) continue;  // Those that count are there as long as the manifest is the same.
    const auto found = after.find(name);
    if (found == after.end() || (!is_log(name) && found->second != bytes)) return false;
  }
  for (const auto& [name, bytes] : after) {
    if (!is_table(name) && !is_log(name) && !before.contains(name)) return false;
  }
  return true;
}

// A file system that is read-only has nothing to sync.
void sync_what_was_read(const PosixFile& file, const fs::path& path) {
  if (::fsync(file.handle()) != 0 && errno != EROFS && errno != EINVAL) throw_errno("sync", path);
}

// Makes the file `to` of everything in `from`. Returns false if there is no such file any more.
bool copy_if_there(const fs::path& from, const fs::path& to) {
  const PosixFile file = open_to_read(from);
  if (!file.is_open()) return false;
  const PosixFile made(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (!made.is_open()) throw_write_errno("make", to);
  made.write(file.read_all());
  return true;
}

// Adds to the file `to` what `from` has more than it, and syncs `from`. Returns false if there is no such file any
// more.
bool copy_rest_if_there(const fs::path& from, const fs::path& to) {
  const PosixFile file = open_to_read(from);
  if (!file.is_open()) return false;
  const PosixFile made(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (!made.is_open()) throw_write_errno("make", to);
  off_t at = ::lseek(made.handle(), 0, SEEK_END);
  std::vector<char> piece(kPieceBytes);
  for (;;) {
    const ssize_t read = ::pread(file.handle(), piece.data(), piece.size(), at);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) throw_errno("read", from);
    if (read == 0) break;
    // What is written only in part is read again from there.
    const ssize_t written = ::write(made.handle(), piece.data(), static_cast<std::size_t>(read));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_write_errno("write", to);
    at += written;
  }
  sync_what_was_read(file, from);
  return true;
}

// Links to the file of a descriptor of this process, or to its path where there is no /proc.
void link_to(const PosixFile& table, const fs::path& path, const fs::path& link) {
  const fs::path descriptor = fmt::format("/proc/self/fd/{}", table.handle());
  const fs::path target = ::access(descriptor.c_str(), F_OK) == 0 ? descriptor : fs::absolute(path);
  if (::symlink(target.c_str(), link.c_str()) != 0) throw_write_errno("make", link);
}

fs::path temporary_files() {
  std::error_code error;
  const fs::path directory = fs::temp_directory_path(error);
  if (!error) return directory;
  throw Failure(Remedy::kCorrectInput, "storage.failed",
                fmt::format("expected a directory for temporary files (TMPDIR), found none: {}", error.message()));
}

// Whether the view was made by a process of this user that is gone.
bool is_abandoned(const fs::path& view) {
  struct stat status {};
  if (::lstat(view.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != ::geteuid()) return false;
  const auto made = std::chrono::system_clock::from_time_t(status.st_mtime);
  if (std::chrono::system_clock::now() - made < kAbandonedAfter) return false;
  const PosixFile in_use(view / kInUse, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  return !in_use.is_open() ? errno == ENOENT : ::flock(in_use.handle(), LOCK_EX | LOCK_NB) == 0;
}

void remove_abandoned(const fs::path& directory) {
  std::error_code none;
  for (fs::directory_iterator entry(directory, none), end; !none && entry != end; entry.increment(none)) {
    if (entry->path().filename().native().starts_with(kPrefix) && is_abandoned(entry->path()))
      remove_quietly(entry->path());
  }
}

fs::path make_directory() {
  std::string name = temporary_files() / fmt::format("{}XXXXXX", kPrefix);
  if (::mkdtemp(name.data()) == nullptr) throw_write_errno("make", name);
  return name;
}

}  // namespace

LedgerView::LedgerView(fs::path ledger) : ledger_(std::move(ledger)) {
  require_ledger(ledger_);
  remove_abandoned(temporary_files());
  path_ = make_directory();
  try {
    in_use_.emplace(path_ / kInUse, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    in_use_->require("make");
    if (::flock(in_use_->handle(), LOCK_EX | LOCK_NB) != 0) throw_errno("lock", path_ / kInUse);
    take();
  } catch (const Failure& failure) {
    remove_quietly(path_);
    if (failure.code() == "ledger.not_writable") require_owner(ledger_);  // Says whose files they are.
    throw;
  }
}

LedgerView::~LedgerView() {
  remove_quietly(path_);
}

void LedgerView::take() {
  for (const auto& derived : kEnumWords<Derived>) {
    std::error_code none;
    if (!fs::exists(ledger_ / derived.word / "CURRENT", none)) continue;
    try {
      take_database(derived.word);
    } catch (const Failure& failure) {
      if (failure.code() != "ledger.busy") throw;
      remove_path(path_ / derived.word);
    }
  }
  (void)copy_if_there(ledger_ / kMarkFile, path_ / kMarkFile);  // Where there is none, opening the view says so.
  take_database(kStore);
}

void LedgerView::take_database(const fs::path& name) {
  make_own_directory(path_ / name);
  std::set<std::string> tables;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    if (try_to_take(ledger_ / name, path_ / name, tables)) return;
    std::this_thread::sleep_for(kBetweenTries);
  }
  throw Failure(Remedy::kRetryLater, "ledger.busy",
                fmt::format("expected the files in {} to stay the same for a moment, found them changing",
                            (ledger_ / name).string()));
}

bool LedgerView::try_to_take(const fs::path& from, const fs::path& to, std::set<std::string>& tables) {
  seen_ = files_in(from);
  for (const auto& [name, bytes] : seen_) {
    if (is_log(name)) {
      if (!copy_rest_if_there(from / name, to / name)) return false;
    } else if (!is_table(name)) {
      if (!copy_if_there(from / name, to / name)) return false;
    } else if (!tables.contains(name)) {
      PosixFile table = open_to_read(from / name);
      if (!table.is_open()) continue;  // If it counted, the manifest has changed.
      link_to(table, from / name, to / name);
      tables_.push_back(std::move(table));
      tables.insert(name);
    }
  }
  if (!are_of_one_moment(seen_, files_in(from))) return false;
  for (const std::string& name : names_in(to)) {  // Of an earlier try, perhaps without their end.
    if (is_log(name) && !seen_.contains(name)) remove_path(to / name);
  }
  return true;
}

bool LedgerView::is_outdated() const {
  return files_in(ledger_ / kStore) != seen_;
}

std::string LedgerView::in_terms_of_ledger(std::string text) const {
  replace_all(text, path_.native(), ledger_.native());
  return text;
}

}  // namespace runledger
