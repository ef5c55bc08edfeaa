// Every file is opened by its name in the directory that was checked, so a directory that is replaced meanwhile has no
// effect.
//
// A new file is locked before it holds anything. A process that finds it in between may lock it first, takes it for
// what a crash left, and removes it; so create() looks whether the file that it has locked still has its name.
#include "tools/cli/spooling/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "ledger/base/failure.h"
#include "tools/cli/spooling/record.h"

namespace runledger {
namespace {

constexpr std::string_view kRunSuffix = ".run";
constexpr int kCreateTries = 10;
constexpr int kOpenFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

[[noreturn]] void fail_spool(std::string_view doing, const std::string& what) {
  const std::string reason = std::generic_category().message(errno);
  throw Failure(Remedy::kCallOperator, "spool.failed",
                fmt::format("expected to {} {}, found: {}", doing, what, reason));
}

[[noreturn]] void refuse_spool(const std::filesystem::path& path, std::string_view found) {
  throw Failure(Remedy::kCorrectInput, "spool.insecure",
                fmt::format("expected {} to be a directory of this user, for its owner only (mode 0700), found {}",
                            path.string(), found));
}

bool is_own_alone(const struct stat& status) {
  return status.st_uid == ::geteuid() && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

// Closed when there is nothing at the path.
Descriptor open_directory(const std::filesystem::path& path) {
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.is_open() && errno == ENOENT) return directory;
  if (!directory.is_open() && (errno == ELOOP || errno == ENOTDIR)) refuse_spool(path, "something else");
  if (!directory.is_open()) fail_spool("open", path.string());
  struct stat status {};
  if (::fstat(directory.get(), &status) != 0) fail_spool("look at", path.string());
  if (status.st_uid != ::geteuid()) refuse_spool(path, "one of another user");
  if (!is_own_alone(status)) refuse_spool(path, fmt::format("mode {:04o}", status.st_mode & 07777U));
  return directory;
}

bool lock(const Descriptor& file, int operation) {
  while (::flock(file.get(), operation) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) fail_spool("lock", "a file of the spool");
  }
  return true;
}

bool has_a_name(const Descriptor& file, const std::string& name) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_spool("look at", name);
  return status.st_nlink > 0;
}

void write_all(const Descriptor& file, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_spool("write to", name);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(file.get()) != 0) fail_spool("sync", name);
}

void sync_names(const Descriptor& directory) {
  if (::fsync(directory.get()) != 0) fail_spool("sync", "the spool");
}

}  // namespace

// The process ends when this fails, so nothing follows a line that is only half there.
void SpoolFile::append(std::string_view line) {
  if (::lseek(file_.get(), 0, SEEK_END) < 0) fail_spool("write to", name_);
  write_all(file_, std::string(line) + "\n", name_);
}

void SpoolFile::give_sign_of_life() const {
  if (::futimens(file_.get(), nullptr) != 0) fail_spool("touch", name_);
}

std::string SpoolFile::read() const {
  std::string text;
  char buffer[16 * 1024];
  while (text.size() <= kSpooledBytesMax) {
    const ssize_t count = ::pread(file_.get(), buffer, sizeof(buffer), static_cast<off_t>(text.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_spool("read", name_);
    if (count == 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

Time SpoolFile::last_sign_of_life() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) fail_spool("look at", name_);
  return Time{} + std::chrono::seconds(status.st_mtim.tv_sec) +
         std::chrono::microseconds(status.st_mtim.tv_nsec / 1000);
}

void SpoolFile::remove() const {
  if (::unlinkat(directory_->get(), name_.c_str(), 0) != 0) fail_spool("remove", name_);
  sync_names(*directory_);
}

void SpoolFile::set_aside() const {
  const std::string aside = name_ + ".damaged";
  if (::renameat(directory_->get(), name_.c_str(), directory_->get(), aside.c_str()) != 0) fail_spool("rename", name_);
  sync_names(*directory_);
}

Spool::Spool(std::filesystem::path path, Descriptor directory)
    : path_(std::move(path)), directory_(std::make_shared<const Descriptor>(std::move(directory))) {}

Spool Spool::make(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) fail_spool("make the directory", path.string());
  Descriptor directory = open_directory(path);
  if (!directory.is_open()) fail_spool("open", path.string());
  return {path, std::move(directory)};
}

std::optional<Spool> Spool::find(const std::filesystem::path& path) {
  Descriptor directory = open_directory(path);
  if (!directory.is_open()) return std::nullopt;
  return Spool(path, std::move(directory));
}

void Spool::require_room() const {
  const Names all = names();
  std::uint64_t bytes = 0;
  for (const std::string& name : all.runs) {
    struct stat status {};
    if (::fstatat(directory_->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
      bytes += static_cast<std::uint64_t>(status.st_size);
  }
  const std::size_t files = all.runs.size() + all.others.size();
  if (files < kFilesMax && bytes < kBytesMax) return;
  throw Failure(Remedy::kCallOperator, "spool.full",
                fmt::format("expected {} to hold fewer than {} files and {} bytes, found {} and {}: take its runs in",
                            path_.string(), kFilesMax, kBytesMax, files, bytes));
}

SpoolFile Spool::create(Time requested_at, RunId run, std::string_view lines) const {
  require_room();
  const std::string name = fmt::format("{:016}-{}{}", requested_at.unix_us, format_uuid(run.value), kRunSuffix);
  for (int tries = 0; tries < kCreateTries; ++tries) {
    Descriptor file(::openat(directory_->get(), name.c_str(), kOpenFlags | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR));
    if (!file.is_open()) fail_spool("make", (path_ / name).string());
    lock(file, LOCK_EX);
    if (!has_a_name(file, name)) continue;
    write_all(file, lines, name);
    sync_names(*directory_);
    return {directory_, name, std::move(file)};
  }
  errno = EBUSY;
  fail_spool("make", (path_ / name).string());
}

Spool::Names Spool::names() const {
  Descriptor again(::openat(directory_->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(again.get()), &::closedir);
  if (!stream) fail_spool("list", path_.string());
  (void)again.release();  // The stream closes it.
  Names names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    (name.ends_with(kRunSuffix) ? names.runs : names.others).push_back(name);
  }
  std::sort(names.runs.begin(), names.runs.end());
  std::sort(names.others.begin(), names.others.end());
  return names;
}

Spool::Opened Spool::open(const std::string& name) const {
  Descriptor file(::openat(directory_->get(), name.c_str(), kOpenFlags));
  if (!file.is_open() && errno == ENOENT) return {.file = {}, .trouble = Trouble::kGone};
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || !is_own_alone(status))
    return {.file = {}, .trouble = Trouble::kForeign};
  if (!lock(file, LOCK_EX | LOCK_NB)) return {.file = {}, .trouble = Trouble::kInUse};
  if (!has_a_name(file, name)) return {.file = {}, .trouble = Trouble::kGone};
  return {.file = SpoolFile(directory_, name, std::move(file)), .trouble = Trouble::kGone};
}

}  // namespace runledger
