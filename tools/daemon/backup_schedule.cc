// Waits until a backup is due, makes it of a copy of the ledger, and waits again.
#include "tools/daemon/backup_schedule.h"

#include <algorithm>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/retry.h"
#include "ledger/base/thread_name.h"
#include "ledger/log/store/ledger_copy.h"

namespace runledger {
namespace {

constexpr std::chrono::seconds kRetryAfter{60};

}  // namespace

BackupSchedule::BackupSchedule(const Store& store, BackupScheduleOptions options, Listener listener)
    : store_(store),
      options_(std::move(options)),
      listener_(std::move(listener)),
      thread_([this](const std::stop_token& stop) { keep_making(stop); }) {}

BackupSchedule::~BackupSchedule() {
  thread_.request_stop();
  thread_.join();
}

void BackupSchedule::keep_making(const std::stop_token& stop) {
  name_thread("backups");
  const Time now = SystemClock().now();
  const std::optional<Backup> newest = newest_backup(options_.directory);
  if (newest) listener_.found(*newest);
  const Time due = first_backup_due(newest, options_.every);
  auto wait = std::clamp<std::chrono::milliseconds>(std::chrono::ceil<std::chrono::milliseconds>(due - now), {},
                                                    options_.every);
  std::chrono::seconds retry = kRetryAfter;
  while (wait_unless_stopped(stop, wait)) {
    const bool made = make(stop);
    wait = made ? options_.every : std::min(retry, options_.every);
    retry = made ? kRetryAfter : std::min(retry * 2, options_.every);
  }
}

// A directory that cannot be read is reported when the backup itself fails.
std::optional<Backup> newest_backup(const std::filesystem::path& directory) {
  try {
    auto backups = BackupDirectory(directory, BackupDirectory::Purpose::kRead).list().backups;
    if (!backups.empty()) return std::move(backups.back());
  } catch (const std::exception&) {
  }
  return std::nullopt;
}

Time first_backup_due(const std::optional<Backup>& newest, std::chrono::seconds every) {
  return newest ? newest->made_at + every : Time{};
}

// The directory is free again before anybody is told.
BackupSchedule::Made BackupSchedule::make_one(const std::stop_token& stop) const {
  BackupDirectory directory(options_.directory, BackupDirectory::Purpose::kWrite);
  const KeptFiles kept = KeptFiles::of(store_.directory(), stop);
  const LedgerCopy copy(store_, CopyOf::kLog);
  Backup backup =
      directory.make(copy.path(), kept, SystemClock().now(), {.stop = stop, .free_bytes_min = kFreeBytesAfterBackup});
  return {std::move(backup), options_.keep ? directory.keep_newest(*options_.keep).size() : 0};
}

bool BackupSchedule::make(const std::stop_token& stop) const {
  const auto started = std::chrono::steady_clock::now();
  try {
    const Made made = make_one(stop);
    const auto took = std::chrono::steady_clock::now() - started;
    listener_.made(made.backup, std::chrono::duration_cast<std::chrono::milliseconds>(took), made.removed);
    return true;
  } catch (const Failure& failure) {
    if (!stop.stop_requested()) listener_.failed(failure.code(), failure.what());
  } catch (const std::exception& error) {
    listener_.failed("internal", error.what());
  }
  return false;
}

}  // namespace runledger
