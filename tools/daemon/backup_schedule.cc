// Waits until a backup is due, makes it of a copy of the ledger, and waits again.
#include "tools/daemon/backup_schedule.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/thread_name.h"
#include "ledger/log/store/ledger_copy.h"

namespace runledger {
namespace {

constexpr std::chrono::seconds kRetryAfter{60};

// Returns false when a stop was requested first.
bool wait_for(std::chrono::microseconds time, const std::stop_token& stop) {
  std::mutex asleep;
  std::condition_variable_any never;  // Only a stop request ends the sleep early.
  std::unique_lock lock(asleep);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

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
  std::chrono::microseconds wait = std::clamp<std::chrono::microseconds>(first_due() - now, {}, options_.every);
  std::chrono::seconds retry = kRetryAfter;
  while (wait_for(wait, stop)) {
    const bool made = make(stop);
    wait = made ? options_.every : std::min(retry, options_.every);
    retry = made ? kRetryAfter : std::min(retry * 2, options_.every);
  }
}

// A directory that cannot be read is reported when the backup itself fails.
Time BackupSchedule::first_due() const {
  try {
    const auto backups = BackupDirectory(options_.directory, BackupDirectory::Purpose::kRead).list().backups;
    if (!backups.empty()) return backups.back().made_at + options_.every;
  } catch (const std::exception&) {
  }
  return {};
}

bool BackupSchedule::make(const std::stop_token& stop) const {
  const auto started = std::chrono::steady_clock::now();
  try {
    BackupDirectory directory(options_.directory, BackupDirectory::Purpose::kWrite);
    const KeptFiles kept = KeptFiles::of(store_.directory());
    const LedgerCopy copy(store_, CopyOf::kLog);
    const Backup backup = directory.make(copy.path(), kept, SystemClock().now(), stop);
    const std::size_t removed = options_.keep ? directory.keep_newest(*options_.keep).size() : 0;
    const auto took = std::chrono::steady_clock::now() - started;
    listener_.made(backup, std::chrono::duration_cast<std::chrono::milliseconds>(took), removed);
    return true;
  } catch (const Failure& failure) {
    if (!stop.stop_requested()) listener_.failed(failure.code(), failure.what());
  } catch (const std::exception& error) {
    listener_.failed("internal", error.what());
  }
  return false;
}

}  // namespace runledger
