// The settings of RocksDB, with a reason where it is not obvious.
//
// Fail-stop. RocksDB would go on after a background error, and resume by itself after a full disk, but nothing may be
// acknowledged after such an error (G13 of docs/guarantees.md). The FailStop listener therefore reports the first one
// and, by default, ends the process after kExitDelay; until then the sequencer answers waiting callers that their
// outcome is unknown. At the end, when nothing will be written any more, an error changes no answer and is not fatal.
//
// Durability. Every append is synced by EventLog, so the settings only have to keep the write-ahead log in one piece
// and in order: no recycled log files, no pipelined or unordered writes, no background syncing of the log. Recovery
// accepts a torn tail, and nothing else (ledger/log/store/wal.cc covers what the engine's recovery misses).
//
// Bounded memory. One block cache holds data, indexes and filters of all families, the write buffers share a limit, and
// the write-ahead log is bounded, which also bounds the time that opening takes after a crash. What is derived from the
// log has a cache and a write buffer of its own, and no write-ahead log.
//
// Two kinds of families. is_looked_up() names those that are read by whole keys, often by keys that do not exist: they
// get Bloom filters and small blocks. The others are read in ranges, and get larger blocks, which compress better.
//
// Hashed write buffers. Finding the place of a random key in a sorted buffer was a third of the processor time of an
// append. What is read by whole keys, or run by run, needs no order across the buffer, so hashed_key_bytes() places its
// entries by hash. The events of scopes stay sorted: the search for the last one of a scope goes backwards.
//
// Forgetting. The family of command records is compacted at least once per kCommandMemory, and a filter drops the
// records that are older. CommitGroup ignores such records anyway, so the filter only has to free their space.
#include "ledger/log/store/settings.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/log/state_codec.h"
#include "ledger/rules/command.h"

namespace runledger {
namespace {

constexpr std::uint32_t kDictionaryBytes = 16 * 1024;
constexpr double kMemtableFilterRatio = 0.02;  // The filter's share of the write buffer: about ten bits per entry.
constexpr std::size_t kBuckets = 32 * 1024;    // Of a hashed write buffer, which has room for about 100,000 entries.
// A bucket is a skip list of this height and branching, in case that a run has all the events.
constexpr int kBucketHeight = 8;
constexpr int kBucketBranching = 4;
constexpr std::size_t kRunIdBytes = 16;

// The time that the sequencer has to answer waiting callers that their outcome is unknown.
constexpr auto kExitDelay = std::chrono::seconds(2);

void end_process(const std::string& what) {
  std::fprintf(stderr, "runledger: storage.failed: %s; the process ends so that nothing more is acknowledged\n",
               what.c_str());
  end_process_soon();
}

// Reports the first background error of the engine, and only that one, unless nothing will be written any more.
class FailStop final : public rocksdb::EventListener {
 public:
  FailStop(std::function<void(const std::string&)> on_fatal, std::shared_ptr<BackgroundErrors> errors)
      : on_fatal_(std::move(on_fatal)), errors_(std::move(errors)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    if (errors_->found.exchange(true) || !errors_->are_fatal) return;
    on_fatal_(fmt::format("background error {}: {}", static_cast<int>(reason), error->ToString()));
  }

 private:
  std::function<void(const std::string&)> on_fatal_;
  std::shared_ptr<BackgroundErrors> errors_;
};

// Drops the answers that were older than kCommandMemory when the compaction began.
class ForgetCommands final : public rocksdb::CompactionFilter {
 public:
  ForgetCommands() : forget_before_(SystemClock().now() - kCommandMemory) {}

  [[nodiscard]] const char* Name() const override { return "runledger.ForgetCommands"; }
  bool Filter(int /*level*/, const rocksdb::Slice& /*key*/, const rocksdb::Slice& value, std::string* /*new_value*/,
              bool* /*value_changed*/) const override {
    try {
      return decode_command(value.ToStringView()).answered_at < forget_before_;
    } catch (const Failure&) {
      return false;  // A compaction cannot report damage, so the record stays until a reader can.
    }
  }

 private:
  Time forget_before_;
};

class ForgetCommandsFactory final : public rocksdb::CompactionFilterFactory {
 public:
  [[nodiscard]] const char* Name() const override { return "runledger.ForgetCommands"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& /*context*/) override {
    return std::make_unique<ForgetCommands>();
  }
};

// Whether a family is read by whole keys, often by keys that do not exist.
bool is_looked_up(Family family) {
  switch (family) {
    case Family::kRuns:
    case Family::kIdentities:
    case Family::kCommands:
    case Family::kHeartbeats:
      return true;
    case Family::kMeta:
    case Family::kEvents:
    case Family::kRunEvents:
    case Family::kScopeEvents:
    case Family::kWorkspaceEvents:
      return false;
  }
  RUNLEDGER_ASSERT(false);
}

rocksdb::BlockBasedTableOptions table_settings(bool is_looked_up, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;  // Otherwise they would grow with the ledger, outside any limit.
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // Indexes and filters are divided into blocks of their own. The index and the filter of a whole table take megabytes:
  // they would fill the cache, or not even fit into one of its shards and be read again by every lookup.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = is_looked_up;
  table.metadata_block_size = 4096;
  table.format_version = 5;
  if (is_looked_up) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = true;
    table.block_size = 4096;
  } else {
    table.block_size = 16384;  // These families are read in ranges, and larger blocks compress better.
  }
  return table;
}

rocksdb::ColumnFamilyOptions common_settings(bool is_looked_up, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions settings;
  settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_settings(is_looked_up, cache)));
  settings.write_buffer_size = 16ULL << 20U;
  settings.max_write_buffer_number = 2;
  settings.memtable_protection_bytes_per_key = 8;
  settings.paranoid_file_checks = true;
  // Young tables are soon rewritten, so their compression must be cheap. The last level holds nearly all data, so its
  // compression must be good.
  settings.compression = rocksdb::kLZ4Compression;
  settings.bottommost_compression = rocksdb::kZSTD;
  // A dictionary stores once per table what its blocks have in common. Tables are a tenth smaller than with blocks of
  // twice the size, which every lookup would have to decompress.
  settings.bottommost_compression_opts.enabled = true;
  settings.bottommost_compression_opts.max_dict_bytes = kDictionaryBytes;
  settings.bottommost_compression_opts.zstd_max_train_bytes = 100 * kDictionaryBytes;
  settings.level_compaction_dynamic_level_bytes = true;
  // The ledger refuses a write that the engine would slow down ("overloaded", no_slowdown), so the engine must be far
  // behind before it slows anything down.
  // Tables of random keys overlap with the whole next level, which each compaction has to rewrite.
  settings.level0_file_num_compaction_trigger = is_looked_up ? 8 : 4;
  settings.level0_slowdown_writes_trigger = 60;
  settings.level0_stop_writes_trigger = 64;
  settings.soft_pending_compaction_bytes_limit = 0;
  settings.hard_pending_compaction_bytes_limit = 0;
  return settings;
}

}  // namespace

void end_process_soon() {
  static std::atomic<bool> ending = false;
  if (ending.exchange(true)) return;
  std::thread([] {
    std::this_thread::sleep_for(kExitDelay);
    ::_exit(1);
  }).detach();
}

rocksdb::DBOptions database_settings(const StoreOptions& options, bool create,
                                     std::shared_ptr<BackgroundErrors> errors) {
  rocksdb::DBOptions settings;
  settings.env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  // A missing mount must not look like a new, empty ledger.
  settings.create_if_missing = create;
  settings.create_missing_column_families = create;
  settings.error_if_exists = create;
  // An error ends the process; the engine must not resume by itself.
  settings.paranoid_checks = true;
  settings.best_efforts_recovery = false;
  settings.max_bgerror_resume_count = 0;
  settings.listeners = {
      std::make_shared<FailStop>(options.on_fatal ? options.on_fatal : end_process, std::move(errors))};
  // Opening and closing alone move nothing into tables, so a log that turns out to have lost its end can still be
  // looked at. A clean end moves everything (ledger/log/mark_keeper.h).
  settings.avoid_flush_during_recovery = true;
  settings.avoid_flush_during_shutdown = true;
  // Point-in-time recovery, the default, would stop at a bad record in the middle of the log, drop everything after it
  // and open as if nothing had happened; absolute consistency would refuse the torn tail that any kill leaves.
  settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Each of these options has lost or reordered acknowledged writes in this or a later version of the engine.
  settings.recycle_log_file_num = 0;
  settings.wal_bytes_per_sync = 0;
  settings.manual_wal_flush = false;
  settings.enable_pipelined_write = false;
  settings.two_write_queues = false;
  settings.allow_concurrent_memtable_write = false;  // There is one writer, and hashed write buffers need it.
  settings.unordered_write = false;
  settings.wal_compression = rocksdb::kNoCompression;
  settings.track_and_verify_wals_in_manifest = false;
  settings.atomic_flush = false;
  settings.max_total_wal_size = kWalBytesMax;
  settings.max_background_jobs = 2;
  settings.max_background_flushes = 1;  // With more than one, the engine has a bug in the order of flushes.
  settings.max_background_compactions = 1;
  settings.max_open_files = -1;           // Every table is opened, and thereby checked, when the store is opened.
  settings.max_file_opening_threads = 1;  // The default is 16 threads per family, which mostly has a single table.
  settings.verify_sst_unique_id_in_manifest = true;
  settings.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  settings.db_write_buffer_size = kWriteBuffersBytes;
  settings.bytes_per_sync = 1ULL << 20U;  // For tables only: spreads the writing, so that a flush does not stall syncs.
  settings.stats_dump_period_sec = 0;
  settings.stats_persist_period_sec = 0;
  return settings;
}

std::size_t hashed_key_bytes(Family family) {
  if (family == Family::kRunEvents) return kRunIdBytes;
  return is_looked_up(family) ? sizeof(Identity) : 0;  // That is all of every key: the others are UUIDs.
}

rocksdb::DBOptions derived_database_settings(const StoreOptions& options, std::shared_ptr<BackgroundErrors> errors) {
  rocksdb::DBOptions settings = database_settings(options, false, std::move(errors));
  settings.create_if_missing = true;
  settings.db_write_buffer_size = 0;  // There is one family, and thus one write buffer.
  return settings;
}

rocksdb::ColumnFamilyOptions family_settings(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions settings = common_settings(is_looked_up(family), cache);
  if (const std::size_t hashed = hashed_key_bytes(family); hashed != 0) {
    settings.prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(hashed));
    settings.memtable_factory.reset(rocksdb::NewHashSkipListRepFactory(kBuckets, kBucketHeight, kBucketBranching));
  }
  if (family == Family::kCommands) {
    settings.bottommost_compression = rocksdb::kLZ4Compression;  // They live for a day, and are mostly random.
    settings.compaction_filter_factory = std::make_shared<ForgetCommandsFactory>();
    settings.periodic_compaction_seconds =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(kCommandMemory).count());
  }
  return settings;
}

rocksdb::ColumnFamilyOptions derived_family_settings() {
  rocksdb::ColumnFamilyOptions settings = common_settings(true, rocksdb::NewLRUCache(kDerivedCacheBytes));
  // A lookup of a new row finds nothing, and asks the write buffer first.
  settings.memtable_whole_key_filtering = true;
  settings.memtable_prefix_bloom_size_ratio = kMemtableFilterRatio;
  return settings;
}

}  // namespace runledger
