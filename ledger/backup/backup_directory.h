// A directory of backups of one ledger: makes, lists and removes them.
//
//   runledger-backups   marks the directory, and names the ledger
//   lock                held (flock) while a backup is made, removed or read
//   20261130T061530.123456Z/
//     backup.json       what the backup holds (ledger/backup/backup.h)
//     store/, mark, identity.key, audit.key, audit.checkpoint, audit.rotations, access-tokens   the files of a ledger
//   .partial, .removed  a backup that is being made, or removed
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "ledger/backup/backup.h"
#include "ledger/base/free_space.h"
#include "ledger/base/posix_file.h"
#include "ledger/log/store/store.h"

namespace runledger {

// The files by which a ledger signs and lets callers in: the audit key and the access tokens. They are read before the
// store is copied, so that the last signed checkpoint is not ahead of the copy, and while nobody rotates the key.
class KeptFiles {
 public:
  // A file that does not exist is left out. Waits ten seconds at most for the audit key, and then throws Failure
  // "audit_key.busy"; throws "backup.interrupted" when a stop is requested meanwhile, "ledger.insecure", and otherwise
  // as AuditKey does.
  [[nodiscard]] static KeptFiles of(const std::filesystem::path& ledger, const std::stop_token& stop = {});
  [[nodiscard]] const std::map<std::string, std::string>& all() const { return files_; }

 private:
  std::map<std::string, std::string> files_;
};

// A backup ends before it takes the last room on its disk: the ledger is often on the same one, and refuses new work at
// kFreeBytesMin. It may write meanwhile, between two looks at the disk.
inline constexpr std::uint64_t kFreeBytesAfterBackup = kFreeBytesMin + (64ULL << 20U);

// Holds the lock of the directory. For one thread. All functions throw Failure as those of durable_file.h do.
class BackupDirectory {
 public:
  enum class Purpose {
    kWrite,  // Makes the directory if it is missing, and cleans up after an interrupted backup. No other process may
             // use it then.
    kRead,   // Changes nothing. Others may read at the same time.
  };

  // Throws "backup.busy" when another process uses the directory in a way that excludes this one,
  // "backup.other_directory" when it holds something else than backups (for kWrite it may be empty), "backup.not_found"
  // for kRead when there is none, and "ledger.insecure" when every user may write to it.
  BackupDirectory(std::filesystem::path path, Purpose purpose);

  struct Listed {
    std::vector<Backup> backups;       // Oldest first.
    std::vector<std::string> damaged;  // The names of those whose description is gone or cannot be read.
  };
  [[nodiscard]] Listed list() const;

  // Makes a backup of a ledger's copy (LedgerCopy) and of the other files. It is listed only when it is complete,
  // checked and durable: every table is read again and compared with its checksum, and the end of the log passes the
  // checks of an opening. Tables that an earlier backup holds are shared with it through hard links where the file
  // system has them. Throws "backup.other_ledger" when the directory holds backups of another ledger,
  // "storage.damaged" when the ledger is damaged, and "storage.full" and "backup.interrupted" by the limits. What was
  // copied is removed when it throws.
  Backup make(const std::filesystem::path& copy, const KeptFiles& kept, Time now,
              const CopyLimits& limits = {.stop = {}, .free_bytes_min = kFreeBytesAfterBackup});

  // Removes all but the newest `count` backups, which is at least 1; those that are damaged stay. Returns the names.
  std::vector<std::string> keep_newest(std::size_t count);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  Backup build(const std::filesystem::path& copy, const KeptFiles& kept, Time now, const CopyLimits& limits);
  void prepare();
  void mark_as(LedgerId ledger);
  [[nodiscard]] std::optional<LedgerId> ledger() const;

  std::filesystem::path path_;
  PosixFile lock_;
};

}  // namespace runledger
