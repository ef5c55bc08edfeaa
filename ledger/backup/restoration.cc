// Copies a backup aside, compares every file, and appends the event of a successor.
#include "ledger/backup/restoration.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/directory.h"
#include "ledger/base/failure.h"
#include "ledger/log/ledger_events.h"
#include "ledger/log/store/ledger_files.h"
#include "ledger/sealing/seal_key_file.h"
#include "ledger/values/rejection.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_mark(Sequence mark, const std::string& expected) {
  refuse("reached.invalid", fmt::format("expected the newest event that --reached, --checkpoint or --postgres names to "
                                        "be {}, found {}",
                                        expected, mark.value));
}

}  // namespace

Restoration::Restoration(const BackupDirectory& from, const Backup& backup, const fs::path& into, RestoreAs as)
    : directory_(into, DataDirectory::Purpose::kCreate) {
  const fs::path source = from.path() / backup.name;
  make_own_directory(aside());
  make_own_directory(aside() / "store");
  for (const BackupFile& file : backup.files) {
    const LedgerFile* const known = find_ledger_file(file.path);
    if (as == RestoreAs::kCopy && known != nullptr && known->is_of_the_original) continue;
    std::error_code error;
    if (!fs::exists(source / file.path, error))
      throw Failure(Remedy::kDamageFound, "backup.damaged",
                    fmt::format("expected {} in backup {}, found no such file", file.path, backup.name));
    const FileSum sum = copy_durably(source / file.path, aside() / file.path);
    if (sum != file.sum)
      throw Failure(Remedy::kDamageFound, "backup.damaged",
                    fmt::format("expected {} of backup {} as it was backed up, {} bytes, found {} bytes with another "
                                "digest",
                                file.path, backup.name, file.sum.bytes, sum.bytes));
  }
  sync_directory(aside() / "store");
  sync_directory(aside());
}

void Restoration::take_seal_keys(const fs::path& kept, const std::vector<SealKeyId>& erased) const {
  std::error_code error;
  if (!fs::exists(kept / kSealKeysFile, error))
    throw Failure(Remedy::kCorrectInput, "seal.keys_missing",
                  fmt::format("expected {} in {}, found no such file", kSealKeysFile, kept.string()));
  for (const char* name : {kSealKeysFile, kSealMasterFile}) {
    if (fs::exists(kept / name, error)) (void)copy_durably(kept / name, aside() / name);
  }
  sync_directory(aside());
  SealKeyFile(aside(), SealKeyFile::Access::kWrite).destroy(erased);
}

fs::path Restoration::aside() const {
  return directory_.path() / kRestoringDirectory;
}

void require_restored(const EventLog& log, const Backup& backup) {
  const Head head = log.head();
  if (head.sequence == backup.sequence && head.tree.root() == backup.root) return;
  throw Failure(Remedy::kDamageFound, "backup.damaged",
                fmt::format("expected backup {} to hold {} events with the root {}, found {} with {}", backup.name,
                            backup.sequence.value, format_hex(bytes_of(backup.root)), head.sequence.value,
                            format_hex(bytes_of(head.tree.root()))));
}

std::uint64_t numbers_to_skip(Sequence last, Sequence outside_mark) {
  const std::uint64_t lost = outside_mark > last ? outside_mark.value - last.value : 0;
  if (lost > kLostEventsMax)
    refuse_mark(outside_mark,
                fmt::format("at most {} after the last event that is left, {}", kLostEventsMax, last.value));
  return kScopeNumbersSkipped + lost;
}

void append_going_on(EventLog& log, Event event, Sequence outside_mark, const Caller& caller, Time now) {
  const Head head = log.head();
  const LedgerEvents before = LedgerEvents::stored_in(log.store());
  Envelope envelope = next_ledger_event(before);
  envelope.sequence = head.sequence.next();
  envelope.recorded_at = std::max(head.recorded_at, now);
  envelope.caller = caller;
  envelope.event = std::move(event);
  if (const auto reason = illegal_ledger_event(before, envelope))
    refuse_mark(outside_mark, "one that the event of the loss can hold: " + *reason);
  AppendBatch batch;
  batch.events.push_back(std::move(envelope));
  RUNLEDGER_ASSERT(log.append(batch, WhenBehind::kWait) == AppendOutcome::kAppended);
}

Restored append_restored(EventLog& log, const Backup& backup, Sequence outside_mark, const Caller& caller, Time now) {
  const Restored event{.skipped = numbers_to_skip(log.last(), outside_mark),
                       .outside_mark = outside_mark,
                       .backup_made_at = backup.made_at};
  append_going_on(log, event, outside_mark, caller, now);
  return event;
}

}  // namespace runledger
