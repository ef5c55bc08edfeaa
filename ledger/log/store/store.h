// The RocksDB database of a ledger: its column families, settings, and the lock on its directory.
//
// Only ledger/log/event_log.cc, ledger/log/store/cursor.cc and projections/rows/families.cc look inside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "ledger/log/store/families.h"
#include "ledger/log/store/options.h"
#include "ledger/rules/identity.h"
#include "ledger/values/uuid.h"

namespace rocksdb {
class DB;
class ColumnFamilyHandle;
}  // namespace rocksdb

namespace runledger {

// The form of all that is stored (docs/log-format.md). A store of a greater version is refused.
inline constexpr std::uint32_t kFormatVersion = 1;

// One process at a time: the constructor takes the lock file, and says who holds it otherwise. Any thread may use it.
// Throws Failure: "ledger.not_found", "ledger.busy" (names the process), "ledger.insecure" (others may write to the
// directory or read the key), "ledger.not_writable", "ledger.format_newer", "ledger.key_missing", "storage.damaged",
// "storage.failed". The first background error of the engine ends the process within five seconds (G13 of
// docs/guarantees.md).
class Store {
 public:
  using Options = StoreOptions;

  // Makes the directory with an empty store, an identity key and a new ledger id. Throws Failure "ledger.exists" when
  // the directory holds anything; a creation that was interrupted is begun anew. `key`: for a copy that has to
  // recognise the identities of another ledger.
  static void create(const Options& options, const IdentityKey& key);

  explicit Store(const Options& options);
  ~Store();  // Syncs the engine's log, closes it, and lets go of the lock.
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] rocksdb::DB& db() const;
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family family) const;
  [[nodiscard]] LedgerId ledger_id() const;
  [[nodiscard]] const IdentityKey& identity_key() const;
  [[nodiscard]] const std::filesystem::path& directory() const;
  // Makes a ledger in `directory`, which must not exist, that is this one as it stands; nothing waits for it. Tables,
  // which are never changed, are shared by hard links where the file system allows; to be removed like any directory.
  // Throws Failure "storage.failed", "storage.full", "ledger.exists".
  void copy_to(const std::filesystem::path& directory) const;
  // Reads every table file and holds it to the checksum that was noted when it was made. Throws "storage.damaged".
  void check_tables() const;
  // Bytes of the engine's own log that opening had to read again: what was written since its last flush.
  [[nodiscard]] std::uint64_t recovered_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
