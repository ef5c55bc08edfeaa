// Backups that the daemon makes by itself, at intervals.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>

#include "ledger/backup/backup_directory.h"
#include "ledger/log/store/store.h"
#include "ledger/values/time.h"

namespace runledger {

struct BackupScheduleOptions {
  std::filesystem::path directory;  // As `runledger backup` takes it.
  std::chrono::seconds every{1};    // From one backup to the next; above zero.
  std::optional<std::size_t> keep;  // As --keep. Absent: all are kept.
};

// The newest backup in the directory; absent when there is none that can be read.
[[nodiscard]] std::optional<Backup> newest_backup(const std::filesystem::path& directory);

// Returns when the first backup of a schedule is due: `every` after the newest one, or at the beginning of time without
// one.
[[nodiscard]] Time first_backup_due(const std::optional<Backup>& newest, std::chrono::seconds every);

// Makes backups on a thread of its own, from its construction to its destruction. The first one is due when the newest
// one in the directory is older than the interval, so that a daemon that is restarted often makes them too. One that
// failed is tried again after a minute, then after two, and so on up to the interval; callers of the ledger notice
// nothing. A stop does not wait for the copying of a backup, which is then given up.
class BackupSchedule {
 public:
  // Called on the schedule's thread. Must not block for long.
  struct Listener {
    // Once, before the first backup is made: the newest one that the directory holds already. Not called when it holds
    // none that can be read.
    std::function<void(const Backup&)> found;
    // How long it took, and how many older ones were removed.
    std::function<void(const Backup&, std::chrono::milliseconds took, std::size_t removed)> made;
    std::function<void(std::string_view code, std::string_view what)> failed;
  };

  // `store` is not owned and must outlive the schedule.
  BackupSchedule(const Store& store, BackupScheduleOptions options, Listener listener);
  ~BackupSchedule();
  BackupSchedule(const BackupSchedule&) = delete;
  BackupSchedule& operator=(const BackupSchedule&) = delete;

 private:
  struct Made {
    Backup backup;
    std::size_t removed = 0;
  };

  void keep_making(const std::stop_token& stop);
  [[nodiscard]] Made make_one(const std::stop_token& stop) const;
  [[nodiscard]] bool make(const std::stop_token& stop) const;

  const Store& store_;
  const BackupScheduleOptions options_;
  const Listener listener_;
  std::jthread thread_;
};

}  // namespace runledger
