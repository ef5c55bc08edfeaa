// A backup that becomes a ledger again.
#pragma once

#include <filesystem>

#include "ledger/backup/backup_directory.h"
#include "ledger/log/event_log.h"
#include "ledger/log/store/data_directory.h"

namespace runledger {

// What a restored ledger is.
enum class RestoreAs {
  kSuccessor,  // The ledger itself, which goes on after a loss: the original must not run any more.
  kCopy,       // Another ledger with the same history, which may run beside the original.
};

// Restores a backup into a directory that is empty, or does not exist. The files are first copied into a ledger aside,
// in the directory "restoring" inside it, where the caller can open, check and extend it. Only finish() makes it the
// ledger of the directory. Whatever happens before leaves a directory that no command takes for a ledger, and that the
// next restoration, or `init`, starts over.
//
// Throws Failure as DataDirectory does for kCreate, and as durable_file.h says.
class Restoration {
 public:
  // Copies the backup, and throws "backup.damaged" at the first file that is not as it was backed up. A copy has
  // neither the audit key nor the access tokens: they are those of the original.
  Restoration(const BackupDirectory& from, const Backup& backup, const std::filesystem::path& into, RestoreAs as);

  // Copies the files of the keys of tenants from the directory where they are kept, and destroys in the copy those that
  // were erased. The ledger aside must be closed. Throws "seal.keys_missing" when the directory has none, and as
  // SealKeyFile does.
  void take_seal_keys(const std::filesystem::path& kept, const std::vector<SealKeyId>& erased) const;

  // The ledger aside. It must be closed when finish() is called.
  [[nodiscard]] std::filesystem::path aside() const;

  void finish() { directory_.adopt(aside()); }

 private:
  DataDirectory directory_;
};

// Throws Failure "backup.damaged" unless the log ends with the event that the backup names, with the same tree.
void require_restored(const EventLog& log, const Backup& backup);

// How far each scope's numbers are moved on when a ledger goes on after a loss, besides what is known to be lost. No
// ledger appends so many events between two backups: at 100,000 a second it would take 115 days.
inline constexpr std::uint64_t kScopeNumbersSkipped = 1'000'000'000'000;

// How many events may be known to be lost: more than that many cannot be, so a mark that says so is forged or mistyped.
// It would use up the numbers that later restorations need.
inline constexpr std::uint64_t kLostEventsMax = kScopeNumbersSkipped;

// By how many numbers of scopes a ledger that ends at `last` moves on, when `outside_mark` is the newest event that
// anything names. Refuses "reached.invalid" when the mark is more than kLostEventsMax events after the last.
[[nodiscard]] std::uint64_t numbers_to_skip(Sequence last, Sequence outside_mark);

// Appends an event by which the ledger goes on after a loss, whose numbers numbers_to_skip() has returned. Requires
// that nothing else appends to the log. Refuses "reached.invalid" when no numbers are left.
void append_going_on(EventLog& log, Event event, Sequence outside_mark, const Caller& caller, Time now);

// Appends the event by which the ledger goes on as its own successor. `outside_mark` is the newest position that
// anything outside of the backup names; zero when nothing does. Requires that nothing else appends to the log. Refuses
// "reached.invalid" when the mark is more than kLostEventsMax events after the log's last, or no numbers are left.
Restored append_restored(EventLog& log, const Backup& backup, Sequence outside_mark, const Caller& caller, Time now);

}  // namespace runledger
