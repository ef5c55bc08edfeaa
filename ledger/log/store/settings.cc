// The settings, with a reason where it is not obvious.
#include "ledger/log/store/settings.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <atomic>
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
constexpr double kMemtableFilterRatio = 0.02;  // Of the write buffer: about ten bits an entry.

// Time for the sequencer to tell those who wait that their outcome is unknown.
constexpr auto kFarewell = std::chrono::seconds(2);

void end_process(const std::string& what) {
  std::fprintf(stderr, "runledger: storage.failed: %s; the process ends so that nothing more is acknowledged\n",
               what.c_str());
  end_process_soon();
}

// RocksDB would go on after such an error, and after a full disk resume by itself.
class FailStop final : public rocksdb::EventListener {
 public:
  FailStop(std::function<void(const std::string&)> on_fatal, std::shared_ptr<std::atomic<bool>> failed)
      : on_fatal_(std::move(on_fatal)), failed_(std::move(failed)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    if (failed_->exchange(true)) return;
    on_fatal_(fmt::format("background error {}: {}", static_cast<int>(reason), error->ToString()));
  }

 private:
  std::function<void(const std::string&)> on_fatal_;
  std::shared_ptr<std::atomic<bool>> failed_;
};

// Drops answers that are older than kCommandMemory.
class ForgetCommands final : public rocksdb::CompactionFilter {
 public:
  ForgetCommands() : forget_before_(SystemClock().now() - kCommandMemory) {}

  [[nodiscard]] const char* Name() const override { return "runledger.ForgetCommands"; }
  bool Filter(int /*level*/, const rocksdb::Slice& /*key*/, const rocksdb::Slice& value, std::string* /*new_value*/,
              bool* /*value_changed*/) const override {
    try {
      return decode_command(value.ToStringView()).answered_at < forget_before_;
    } catch (const Failure&) {
      return false;  // Damage stays where it is until somebody who can report it reads it.
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

// Whether a family is read by whole keys that are often not there.
bool is_looked_up(Family family) {
  switch (family) {
    case Family::kRuns:
    case Family::kIdentities:
    case Family::kCommands:
    case Family::kHeartbeats:
    case Family::kRows:
      return true;
    case Family::kMeta:
    case Family::kEvents:
    case Family::kRunEvents:
    case Family::kScopeEvents:
    case Family::kRowIndexes:
      return false;
  }
  RUNLEDGER_ASSERT(false);
}

rocksdb::BlockBasedTableOptions table_settings(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;  // Else they would grow with the ledger, outside any limit.
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  if (is_looked_up(family)) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = true;
    table.block_size = 4096;
  } else {
    table.block_size = 16384;  // Read in runs: larger blocks compress better.
  }
  return table;
}

}  // namespace

void end_process_soon() {
  static std::atomic<bool> ending = false;
  if (ending.exchange(true)) return;
  std::thread([] {
    std::this_thread::sleep_for(kFarewell);
    ::_exit(1);
  }).detach();
}

rocksdb::DBOptions database_settings(const StoreOptions& options, bool create,
                                     std::shared_ptr<std::atomic<bool>> failed) {
  rocksdb::DBOptions settings;
  settings.env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  // A missing mount must not look like a new, empty ledger.
  settings.create_if_missing = create;
  settings.create_missing_column_families = create;
  settings.error_if_exists = create;
  // Errors end the process; nothing goes on by itself.
  settings.paranoid_checks = true;
  settings.best_efforts_recovery = false;
  settings.max_bgerror_resume_count = 0;
  settings.listeners = {
      std::make_shared<FailStop>(options.on_fatal ? options.on_fatal : end_process, std::move(failed))};
  // Point-in-time recovery, the default, would meet a bad record in the middle of the log, drop all behind it and open
  // as if nothing had happened; absolute consistency would refuse the torn tail that any kill leaves.
  settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Each of these has lost or reordered acknowledged writes in this or a later version of the engine.
  settings.recycle_log_file_num = 0;
  settings.wal_bytes_per_sync = 0;
  settings.manual_wal_flush = false;
  settings.enable_pipelined_write = false;
  settings.two_write_queues = false;
  settings.unordered_write = false;
  settings.wal_compression = rocksdb::kNoCompression;
  settings.track_and_verify_wals_in_manifest = false;
  settings.atomic_flush = false;
  settings.max_total_wal_size = kWalBytesMax;
  settings.max_background_jobs = 2;
  settings.max_background_flushes = 1;  // More than one meets a bug in the order of flushes.
  settings.max_background_compactions = 1;
  settings.max_open_files = -1;           // Every table is opened, and so checked, at the start.
  settings.max_file_opening_threads = 1;  // Else each family starts 16 of them, to open what is most often one table.
  settings.verify_sst_unique_id_in_manifest = true;
  settings.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  settings.db_write_buffer_size = kWriteBuffersBytes;
  settings.bytes_per_sync = 1ULL << 20U;  // Tables only: spreads the writing out, so that a flush does not stall syncs.
  settings.stats_dump_period_sec = 0;
  settings.stats_persist_period_sec = 0;
  return settings;
}

rocksdb::ColumnFamilyOptions family_settings(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions settings;
  settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_settings(family, cache)));
  settings.write_buffer_size = 16ULL << 20U;
  settings.max_write_buffer_number = 2;
  settings.memtable_protection_bytes_per_key = 8;
  settings.paranoid_file_checks = true;
  // Young tables are rewritten soon: cheap to write. The last level holds nearly all: small.
  settings.compression = rocksdb::kLZ4Compression;
  settings.bottommost_compression = rocksdb::kZSTD;
  // What blocks have in common is kept once a table: a tenth less than with blocks of twice the size, which every
  // lookup would have to inflate.
  settings.bottommost_compression_opts.enabled = true;
  settings.bottommost_compression_opts.max_dict_bytes = kDictionaryBytes;
  settings.bottommost_compression_opts.zstd_max_train_bytes = 100 * kDictionaryBytes;
  settings.level_compaction_dynamic_level_bytes = true;
  // A write that the engine would slow down is answered "overloaded" instead (no_slowdown), so it has to be far gone.
  settings.level0_file_num_compaction_trigger = 4;
  settings.level0_slowdown_writes_trigger = 60;
  settings.level0_stop_writes_trigger = 64;
  settings.soft_pending_compaction_bytes_limit = 0;
  settings.hard_pending_compaction_bytes_limit = 0;
  if (is_looked_up(family)) {
    // What is not there is most often asked of the youngest writes: a new run, a new command.
    settings.memtable_whole_key_filtering = true;
    settings.memtable_prefix_bloom_size_ratio = kMemtableFilterRatio;
  }
  if (family == Family::kCommands) {
    settings.compaction_filter_factory = std::make_shared<ForgetCommandsFactory>();
    settings.periodic_compaction_seconds =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(kCommandMemory).count());
  }
  return settings;
}

}  // namespace runledger
