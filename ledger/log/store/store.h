// The RocksDB database of a ledger: its column families, settings, and the lock on its directory.
//
// Outside of tests and benchmarks, only ledger/log/event_log.cc and ledger/log/store/cursor.cc use the database
// directly.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/log/store/derived_store.h"
#include "ledger/log/store/families.h"
#include "ledger/log/store/needed_logs.h"
#include "ledger/log/store/options.h"
#include "ledger/log/store/shared_derived.h"
#include "ledger/rules/identity.h"
#include "ledger/sealing/seal_keys.h"
#include "ledger/values/uuid.h"

namespace rocksdb {
class DB;
class ColumnFamilyHandle;
}  // namespace rocksdb

namespace runledger {

// The version of the stored format (docs/log-format.md). A store with a greater version is refused, and so is one of
// version 1, which nothing that was released has written.
inline constexpr std::uint32_t kFormatVersion = 2;
// The version of a ledger that seals the contents of its tenants' events. Nothing else differs, but a program that does
// not know of seals must not write into it.
inline constexpr std::uint32_t kSealedFormatVersion = 3;

// Throws Failure "ledger.format_newer" or "ledger.format_older" for a format that this program does not write.
void require_format(std::uint32_t found);

// What a store says of itself, each under its key in the family kMeta.
inline constexpr const char* kFormatKey = "format";
inline constexpr const char* kLedgerIdKey = "ledger_id";
inline constexpr const char* kIdentityKeyIdKey = "identity_key_id";
struct StoreIdentity {
  std::uint32_t format = kFormatVersion;
  LedgerId ledger_id;
  Digest<8> identity_key_id;
};

// What a copy of a ledger has besides the store and the identity key: what is derived from the log, or nothing.
enum class CopyOf { kLogAndDerived, kLog };

// An open store. Only one process at a time can have a ledger open: the constructor takes the lock of its directory.
// The store is open to read only, and none of its files has changed, until begin_writing(); damage can so be found
// while a file that was lost can still be put back. Any thread may use the store.
//
// The constructor throws Failure: "ledger.not_found", "ledger.busy" (the message names the process that has the lock),
// "ledger.insecure" (other users may write to the directory or read the key), "ledger.not_writable",
// "ledger.format_newer", "ledger.format_older", "ledger.key_missing", "storage.damaged", "storage.full",
// "storage.failed", and as SealKeys does.
//
// Unless Options::on_fatal says otherwise, the first background error of the engine ends the process within five
// seconds (G13 of docs/guarantees.md).
class Store {
 public:
  using Options = StoreOptions;

  // Makes the directory with an empty store, the identity key `key` and a new ledger id. A creation that was
  // interrupted starts again. A ledger that must recognise the identities of another one is created with the other
  // one's key. With a master key, the ledger seals the contents of its tenants' events. Throws Failure "ledger.exists"
  // when the directory holds anything else, and as SealKeyFile does.
  static void create(const Options& options, const IdentityKey& key, const std::optional<MasterKey>& seal = {});

  // Makes the directory with an empty store of a ledger that there was before, for its events to be written again. If
  // it seals contents, the file of its keys is put there afterwards. Throws as create() does.
  static void create_again(const Options& options, const IdentityKey& key, const StoreIdentity& identity);

  explicit Store(const Options& options);
  ~Store();  // Syncs the engine's log, closes the database, and releases the lock.
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Opens the database for writing. Has no effect on a store that is written already, and on a view, which never is.
  // Requires that nothing from db() or family() is in use. Throws as the constructor does.
  void begin_writing();

  // Makes this the store of another ledger, durably. For a ledger that was restored as a copy, before it is used.
  // Throws as begin_writing() does, which it calls.
  void become(LedgerId ledger);

  // Gives the ledger another identity key, durably; a kill at any point leaves a ledger that opens. Requires an empty
  // log. Throws as begin_writing() does, which it calls.
  void adopt_key(const IdentityKey& key);

  [[nodiscard]] rocksdb::DB& db() const;
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family family) const;
  // A database of what is derived from the log, in a directory beside the store. The first call opens it, and throws as
  // its constructor does.
  [[nodiscard]] DerivedStore& derived(Derived which = Derived::kRows) const;
  // Whether there is such a database, even a damaged one.
  [[nodiscard]] bool has_derived(Derived which) const;
  // Removes that database, even a damaged one. Requires that nobody uses it.
  void discard_derived(Derived which = Derived::kRows) const;
  // The tiles, for the threads that use them at the same time. Nothing else may discard them.
  [[nodiscard]] const SharedDerived& tiles() const;
  // The same for the heads of scopes.
  [[nodiscard]] const SharedDerived& scopes() const;
  [[nodiscard]] LedgerId ledger_id() const;
  // False for a view of the ledger of another user, whose key this user may not read.
  [[nodiscard]] bool has_identity_key() const;
  // All zero if there is none: enough to seal cursors for whoever may read everything, and for nothing else.
  [[nodiscard]] const IdentityKey& identity_key() const;
  // The keys of its tenants; null unless the ledger seals their contents.
  [[nodiscard]] SealKeys* seal_keys() const;
  [[nodiscard]] const std::filesystem::path& directory() const;

  // Makes a copy of this ledger, as it is now, in `directory`, which must not exist. Writers do not wait for it. Table
  // files, which never change, are shared through hard links where the file system allows; the copy can be removed like
  // any directory. Damaged tiles are left out, because the copy can make its own. Throws Failure "storage.failed",
  // "storage.full", "ledger.exists".
  void copy_to(const std::filesystem::path& directory, CopyOf what = CopyOf::kLogAndDerived) const;

  // The tables of the store, by file name, each with an id that no other table has, in whichever store: tables with the
  // same id have the same bytes. Throws "storage.failed" and "storage.damaged".
  [[nodiscard]] std::map<std::string, std::string> table_ids() const;

  // Writes everything that only the engine's own log holds into table files. Requires that nothing is written any more.
  // Throws "storage.failed", for instance when the disk is full: the engine's log then still holds everything, so no
  // background error from here on is reported to Options::on_fatal.
  void flush_at_end();

  // Returns what of the engine's own log is needed, after syncing it. Throws "storage.failed".
  [[nodiscard]] NeededLogs needed_logs() const;
  // Compares with what was needed before. Throws "storage.damaged" when the engine asks for older files again, because
  // its manifest has lost its end, or when a file that is needed is gone or shorter.
  void require_logs(const NeededLogs& before) const;

  // Reads every table file and compares it with the checksum that was recorded when it was written. Throws
  // "storage.damaged" when they differ. Before each piece of a table it calls `between`, which may be empty, and ends
  // with what that throws.
  void check_tables(const std::function<void()>& between = {}) const;

  // The bytes of the engine's own log that opening had to read again: everything written since its last flush.
  [[nodiscard]] std::uint64_t recovered_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
