// What is known of a finished backup, and the file backup.json in which it is stored (docs/backup.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/backup/durable_file.h"
#include "ledger/sealing/sealed_content.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"
#include "ledger/values/uuid.h"

namespace runledger {

// A file of a backup.
struct BackupFile {
  std::string path;  // Relative to the backup: "identity.key", "store/000012.sst".
  FileSum sum;
  std::string table;  // The id of a table of the store (Store::table_ids()); empty for other files.
  friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

struct Backup {
  std::string name;  // The directory that holds it; sorts by the time when it was made.
  LedgerId ledger_id;
  Time made_at;                             // By the machine's clock.
  Sequence sequence;                        // The last event that it holds.
  Time recorded_at;                         // When that event was recorded.
  Digest<32> root;                          // The root of the tree over its events.
  std::vector<SealKeyId> erased_keys = {};  // What its events have erased, in their order.
  std::uint64_t new_bytes = 0;              // Copied for it; the others are shared with earlier backups.
  std::vector<BackupFile> files;
  friend bool operator==(const Backup&, const Backup&) = default;

  [[nodiscard]] std::uint64_t bytes() const;
};

inline constexpr const char* kBackupFile = "backup.json";

// The content of backup.json, without the name.
[[nodiscard]] std::string format_backup(const Backup& backup);
// The reverse. Throws Failure "backup.damaged" when the text is something else, and "backup.format_newer" when a newer
// version wrote it.
[[nodiscard]] Backup parse_backup(std::string_view text, std::string name);

}  // namespace runledger
