// The settings of RocksDB, all in one place. Several promises of docs/guarantees.md depend on them.
#pragma once

#include <rocksdb/options.h>

#include <atomic>
#include <memory>

#include "ledger/log/store/families.h"
#include "ledger/log/store/options.h"

namespace runledger {

inline constexpr std::size_t kBlockCacheBytes = 64ULL << 20U;    // Shared by all families: data, indexes and filters.
inline constexpr std::size_t kWriteBuffersBytes = 64ULL << 20U;  // All families together, before they are flushed.
inline constexpr std::size_t kWalBytesMax = 64ULL << 20U;        // Limits what has to be read again after a crash.

// Returns the settings of the database. `create` is true for Store::create() only; without it, opening a store that
// does not exist fails. `failed` becomes true with the engine's first background error, before options.on_fatal is
// called.
[[nodiscard]] rocksdb::DBOptions database_settings(const StoreOptions& options, bool create,
                                                   std::shared_ptr<std::atomic<bool>> failed);

// Returns the settings of one family. All families of a store share `cache`.
[[nodiscard]] rocksdb::ColumnFamilyOptions family_settings(Family family, const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace runledger
