// The settings of RocksDB, all in one place. Several promises of docs/guarantees.md depend on them.
#pragma once

#include <rocksdb/options.h>

#include <atomic>
#include <memory>

#include "ledger/log/store/families.h"
#include "ledger/log/store/options.h"

namespace runledger {

inline constexpr std::size_t kBlockCacheBytes = 40ULL << 20U;    // Shared by all families: data, indexes and filters.
inline constexpr std::size_t kDerivedCacheBytes = 24ULL << 20U;  // The same for what is derived.
inline constexpr std::size_t kWriteBuffersBytes = 64ULL << 20U;  // All families together, before they are flushed.
inline constexpr std::size_t kWalBytesMax = 64ULL << 20U;        // Limits what has to be read again after a crash.

// What the engine's listener and the owner of the database tell each other. Any thread may use it.
struct BackgroundErrors {
  std::atomic<bool> found = false;  // Becomes true with the first one, before StoreOptions::on_fatal is called.
  // The owner sets it to false once nothing will be written any more. An error then endangers nothing, and on_fatal is
  // not called.
  std::atomic<bool> are_fatal = true;
};

// Returns the settings of the database. `create` is true for Store::create() only; without it, opening a store that
// does not exist fails.
[[nodiscard]] rocksdb::DBOptions database_settings(const StoreOptions& options, bool create,
                                                   std::shared_ptr<BackgroundErrors> errors);

// Returns the settings of one family. All families of a store share `cache`.
[[nodiscard]] rocksdb::ColumnFamilyOptions family_settings(Family family, const std::shared_ptr<rocksdb::Cache>& cache);

// Returns how many of a key's first bytes place its entry in the family's write buffer, which then is a hash table of
// sorted buckets; zero where the whole buffer is sorted. An iterator that leaves the keys with the same first bytes has
// to ask the engine for total order, and then costs a sort of the buffer. Cursor does so by itself.
[[nodiscard]] std::size_t hashed_key_bytes(Family family);

// The settings of a DerivedStore and of its one family, which has a block cache of its own.
[[nodiscard]] rocksdb::DBOptions derived_database_settings(const StoreOptions& options,
                                                           std::shared_ptr<BackgroundErrors> errors);
[[nodiscard]] rocksdb::ColumnFamilyOptions derived_family_settings();

}  // namespace runledger
