// How the ledger sets RocksDB (docs/guarantees.md), in one place.
#pragma once

#include <rocksdb/options.h>

#include <atomic>
#include <memory>
#include <string>

#include "ledger/log/store/families.h"
#include "ledger/log/store/options.h"

namespace runledger {

inline constexpr std::size_t kBlockCacheBytes = 64ULL << 20U;    // Shared by all families: data, indexes and filters.
inline constexpr std::size_t kWriteBuffersBytes = 64ULL << 20U;  // Of all families together, before they are flushed.
inline constexpr std::size_t kWalBytesMax = 64ULL << 20U;        // What has to be read again after a crash.

// `create`: for Store::create only. `failed` becomes true with the first background error, before options.on_fatal is
// called.
[[nodiscard]] rocksdb::DBOptions database_settings(const StoreOptions& options, bool create,
                                                   std::shared_ptr<std::atomic<bool>> failed);

// `cache` is shared by all families.
[[nodiscard]] rocksdb::ColumnFamilyOptions family_settings(Family family, const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace runledger
