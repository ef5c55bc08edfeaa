// A RocksDB database of what is derived from the log: the local rows, the hashes of the tree, or the heads of scopes.
// It lies beside the store of the ledger.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "ledger/base/enum_words.h"
#include "ledger/log/store/options.h"

namespace rocksdb {
class DB;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace runledger {

// What a DerivedStore holds. The word is the name of its directory.
enum class Derived {
  kRows,         // projections/rows/store.h
  kTiles,        // ledger/log/hash_tiles.h
  kScopes,       // ledger/log/scope_trees.h
  kScopesCheck,  // The same, derived again for a comparison. Removed afterwards.
};
template <>
inline constexpr auto kEnumWords<Derived> = enum_words<Derived>({
    {Derived::kRows, "rows"},
    {Derived::kTiles, "tiles"},
    {Derived::kScopes, "scopes"},
    {Derived::kScopesCheck, "scopes.check"},
});
inline constexpr int kDerivedCount = kEnumWords<Derived>.size();

// Throws Failure "rows.damaged". The message is `what` and the advice to make the rows anew from the log. Tiles and
// heads of scopes that are damaged have the same code, but nobody outside meets it: HashTiles and ScopeTrees make them
// anew by themselves.
[[noreturn]] void throw_rows_damaged(std::string_view what);

// Returns if the status of a DerivedStore is good. Otherwise throws Failure "rows.damaged" for corruption,
// "storage.full" or "storage.failed". `doing` begins the message, as in "reading a row".
void check_derived(const rocksdb::Status& status, std::string_view doing);

// It has no log of its own, because everything in it can be derived again. What is written stays in memory until the
// engine moves it into a table, about every 16 MiB, or the object is destroyed; a crash loses it. All entries are in
// one family, and a table holds everything up to one write. So whatever a crash takes away, what is left is as it was
// after some earlier write, and a checkpoint among the entries tells which one.
//
// Any thread may use it. Members throw Failure "storage.failed" and "storage.full". The engine's first background error
// is reported as that of the Store is.
class DerivedStore {
 public:
  // How many changes of its tables the engine's manifest describes. A manifest names the first and last key of every
  // table that was added or removed, so a long one keeps keys of tables that are gone.
  enum class Manifest { kLong, kOfOneChange };

  // Opens the database in `directory`, or makes it with mode 0700. Throws "rows.damaged" when the engine finds it
  // damaged: discard() then makes room for a new one.
  DerivedStore(const StoreOptions& options, const std::filesystem::path& directory, Manifest manifest);
  // Moves everything into tables, unless it is so little that deriving it again takes less time.
  ~DerivedStore();
  DerivedStore(const DerivedStore&) = delete;
  DerivedStore& operator=(const DerivedStore&) = delete;

  // Removes the database in `directory`, in whatever state it is.
  static void discard(const StoreOptions& options, const std::filesystem::path& directory);

  // For reading.
  [[nodiscard]] rocksdb::DB& db() const;
  // Writes atomically. One thread at a time.
  void write(rocksdb::WriteBatch& batch) const;
  // Moves everything into tables.
  void flush() const;
  // Rewrites every table without what was overwritten or removed before, and returns once no file has it. Throws
  // "erase.in_use" when a reader that began before still needs it: a snapshot, or a table that is being read.
  void rewrite_tables() const;
  // Reads every table and compares it with its checksum. Throws "rows.damaged" when they differ.
  void check_tables() const;
  // Makes a copy, as the database is now, in `directory`, which must not exist.
  void copy_to(const std::filesystem::path& directory) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
