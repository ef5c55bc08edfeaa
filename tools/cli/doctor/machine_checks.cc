// Asks the system, and measures the disk.
#include "tools/cli/doctor/machine_checks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "ledger/base/descriptor.h"
#include "ledger/base/free_space.h"
#include "tools/cli/process/open_files.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr int kFlushes = 32;
constexpr std::size_t kFlushedBytes = 4096;
constexpr std::uint64_t kFreeBytesLow = 1ULL << 30U;
constexpr std::uint64_t kFreeShareLow = 10;  // Percent.
constexpr rlim_t kOpenFilesWanted = 4096;

// The magic numbers that Linux has in no header of its own, from the sources of each file system.
constexpr std::uint64_t kXfs = 0x58465342;
constexpr std::uint64_t kCifs = 0xFF534D42;
constexpr std::uint64_t kZfs = 0x2FC12FC1;

struct FileSystem {
  std::uint64_t magic;
  const char* name;
};

constexpr FileSystem kLocal[] = {{EXT4_SUPER_MAGIC, "ext4"}, {kXfs, "xfs"}, {BTRFS_SUPER_MAGIC, "btrfs"},
                                 {F2FS_SUPER_MAGIC, "f2fs"}, {kZfs, "zfs"}, {OVERLAYFS_SUPER_MAGIC, "overlay"}};
constexpr FileSystem kVolatile[] = {{TMPFS_MAGIC, "tmpfs"}, {RAMFS_MAGIC, "ramfs"}};
constexpr FileSystem kRemote[] = {{NFS_SUPER_MAGIC, "nfs"},   {kCifs, "cifs"},
                                  {SMB2_SUPER_MAGIC, "smb"},  {V9FS_MAGIC, "9p"},
                                  {FUSE_SUPER_MAGIC, "fuse"}, {CEPH_SUPER_MAGIC, "ceph"},
                                  {AFS_SUPER_MAGIC, "afs"}};

template <std::size_t N>
const char* name_in(const FileSystem (&known)[N], std::uint64_t magic) {
  const auto found =
      std::find_if(std::begin(known), std::end(known), [&](const auto& each) { return each.magic == magic; });
  return found == std::end(known) ? nullptr : found->name;
}

std::string system_message() {
  return std::generic_category().message(errno);
}

std::string size_text(std::uint64_t bytes) {
  if (bytes >= (1ULL << 30U)) return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1ULL << 30U));
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1ULL << 20U));
}

std::string time_text(std::chrono::nanoseconds time) {
  return time >= std::chrono::milliseconds(1)
             ? fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(time).count())
             : fmt::format("{:.0f} µs", std::chrono::duration<double, std::micro>(time).count());
}

}  // namespace

Check check_file_system(const fs::path& directory) {
  struct statfs status {};
  if (::statfs(directory.c_str(), &status) != 0)
    return problem("file-system", "doctor.directory_unreadable", system_message(), "check the path and its mount");
  const auto magic = static_cast<std::uint64_t>(status.f_type) & 0xFFFFFFFFU;
  if (const char* name = name_in(kLocal, magic)) return ok("file-system", name);
  if (const char* name = name_in(kVolatile, magic))
    return problem("file-system", "doctor.file_system_volatile", fmt::format("{}, which is gone after a restart", name),
                   "move the ledger to a disk, with ext4 or xfs");
  if (const char* name = name_in(kRemote, magic))
    return problem("file-system", "doctor.file_system_remote",
                   fmt::format("{}: its locks and flushes cannot be trusted with a log", name),
                   "move the ledger to a local disk, with ext4 or xfs");
  return unchecked("file-system", fmt::format("an unknown one ({:#x})", magic), "ext4 and xfs are known to be fit");
}

Check check_free_space(const fs::path& directory) {
  std::error_code error;
  const fs::space_info space = fs::space(directory, error);
  if (error)
    return problem("free-space", "doctor.directory_unreadable", error.message(), "check the path and its mount");
  const std::string found = fmt::format("{} of {} free", size_text(space.available), size_text(space.capacity));
  if (space.available < kFreeBytesMin)
    return problem("free-space", "doctor.space_short", found + ": new work is refused", "make space now");
  if (space.available < kFreeBytesLow && space.available * 100 < space.capacity * kFreeShareLow)
    return problem("free-space", "doctor.space_short", found,
                   fmt::format("make space before new work is refused, at {}", size_text(kFreeBytesMin)));
  return ok("free-space", found);
}

Check check_flush(const fs::path& directory) {
  const Descriptor file(::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (!file.is_open())
    return unchecked("flush", "no file without a name can be made here: " + system_message(),
                     "run it as the ledger's user, on a file system with O_TMPFILE");
  const std::string block(kFlushedBytes, 'x');
  std::vector<std::chrono::nanoseconds> took;
  for (int i = 0; i < kFlushes; ++i) {
    if (::write(file.get(), block.data(), block.size()) != static_cast<ssize_t>(block.size()))
      return problem("flush", "doctor.flush_failed", "writing: " + system_message(), "read the system's log");
    const auto started = std::chrono::steady_clock::now();
    if (::fdatasync(file.get()) != 0)
      return problem("flush", "doctor.flush_failed", system_message(), "read the system's log");
    took.push_back(std::chrono::steady_clock::now() - started);
  }
  return judge_flushes(std::move(took));
}

Check judge_flushes(std::vector<std::chrono::nanoseconds> took) {
  std::sort(took.begin(), took.end());
  const std::chrono::nanoseconds median = took[took.size() / 2];
  const std::string found =
      fmt::format("median {}, worst {} of {} flushes", time_text(median), time_text(took.back()), took.size());
  if (median < kFlushBelievable)
    return problem("flush", "doctor.flush_ignored", found + ": no disk is so fast, so flushes are not carried out",
                   "use a disk that honours flushes: what the ledger acknowledges may be lost in a power cut");
  if (median > kFlushSlow)
    return problem("flush", "doctor.flush_slow", found + ": every acknowledgement waits for one",
                   "use a faster disk, or one that is less busy");
  return ok("flush", found);
}

Check check_open_files() {
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);
  const std::string found = limit.rlim_max == RLIM_INFINITY ? "no limit" : fmt::format("at most {}", limit.rlim_max);
  if (limit.rlim_max >= kOpenFilesWanted) return ok("open-files", found);
  return problem("open-files", "doctor.open_files_few", found,
                 "raise the hard limit (LimitNOFILE= in the unit): the store and callers share it");
}

Check check_clock() {
  timex state{};
  const int status = ::adjtimex(&state);
  if (status < 0) return unchecked("clock", system_message(), "check that NTP keeps the clock");
  if (status == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    return problem("clock", "doctor.clock_unsynchronised", "the kernel does not know it to be synchronised",
                   "run an NTP client: cooldowns and retries follow this clock");
  return ok("clock", fmt::format("synchronised, error at most {} ms", state.maxerror / 1000));
}

}  // namespace runledger
