// Copies a backup aside, compares every file, and appends the event of a successor.
#include "ledger/backup/restoration.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/log/ledger_events.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAside = "restoring";

bool is_of_the_original(const std::string& path) {
  return path == "audit.key" || path == "audit.checkpoint" || path == "audit.rotations" || path == "access-tokens";
}

}  // namespace

Restoration::Restoration(const BackupDirectory& from, const Backup& backup, const fs::path& into, RestoreAs as)
    : directory_(into, DataDirectory::Purpose::kCreate) {
  const fs::path source = from.path() / backup.name;
  make_own_directory(aside());
  make_own_directory(aside() / "store");
  for (const BackupFile& file : backup.files) {
    if (as == RestoreAs::kCopy && is_of_the_original(file.path)) continue;
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

fs::path Restoration::aside() const {
  return directory_.path() / kAside;
}

void require_restored(const EventLog& log, const Backup& backup) {
  const Head head = log.head();
  if (head.sequence == backup.sequence && head.tree.root() == backup.root) return;
  throw Failure(Remedy::kDamageFound, "backup.damaged",
                fmt::format("expected backup {} to hold {} events with the root {}, found {} with {}", backup.name,
                            backup.sequence.value, format_hex(bytes_of(backup.root)), head.sequence.value,
                            format_hex(bytes_of(head.tree.root()))));
}

Restored append_restored(EventLog& log, const Backup& backup, Sequence outside_mark, const Caller& caller, Time now) {
  const Head head = log.head();
  const std::uint64_t lost = outside_mark > head.sequence ? outside_mark.value - head.sequence.value : 0;
  const Restored event{
      .skipped = kScopeNumbersSkipped + lost, .outside_mark = outside_mark, .backup_made_at = backup.made_at};
  Envelope envelope = next_ledger_event(LedgerEvents::stored_in(log.store()));
  envelope.sequence = head.sequence.next();
  envelope.recorded_at = std::max(head.recorded_at, now);
  envelope.caller = caller;
  envelope.event = event;
  AppendBatch batch;
  batch.events.push_back(std::move(envelope));
  RUNLEDGER_ASSERT(log.append(batch, WhenBehind::kWait) == AppendOutcome::kAppended);
  return event;
}

}  // namespace runledger
