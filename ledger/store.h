// The RocksDB database of a ledger: its column families, settings, and the lock on its directory.
//
// Only ledger/event_log.cc and projections/row_store.cc look inside.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "ledger/identity.h"

namespace rocksdb {
class DB;
class Env;
class ColumnFamilyHandle;
class Status;
}  // namespace rocksdb

namespace runledger {

enum class Family {
  kMeta,
  kEvents,
  kRunEvents,
  kScopeEvents,
  kRuns,
  kIdentities,
  kCommands,
  kHeartbeats,
  kRows,
  kRowIndexes
};
inline constexpr int kFamilyCount = 10;

// One process at a time: the constructor takes the lock file, and says who holds it otherwise.
// Throws Failure: "ledger.not_found", "ledger.busy" (names the process), "ledger.insecure" (the directory is writable
// by everybody), "ledger.format_newer", "ledger.key_missing", "storage.damaged", "storage.failed". The first background
// error of the engine ends the process within five seconds (G13 of docs/guarantees.md).
class Store {
 public:
  struct Options {
    std::filesystem::path directory;
    rocksdb::Env* env = nullptr;  // Not owned; must outlive the store. Null: real files.
  };

  // Makes the directory with an empty store, an identity key and a new ledger id. Throws Failure "ledger.exists" when
  // the directory holds anything. `key`: for a copy that has to recognise the identities of another ledger.
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

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

// Turns a bad status into a Failure that names `doing`.
void check(const rocksdb::Status& status, std::string_view doing);

}  // namespace runledger
