// Opens, flushes, copies and removes the database.
//
// The engine flushes its one family into a table when 16 MiB of writes are in memory, and records the new table in its
// manifest in one step. So each state that a crash leaves is that after some write, although nothing is logged.
#include "ledger/log/store/derived_store.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/utilities/checkpoint.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/log/store/database.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

// So few entries are those of a few hundred events, which are folded again within some milliseconds.
constexpr std::uint64_t kEntriesNotFlushed = 2000;

constexpr const char* kNoKey = "\x01";  // Sorts before every key that there is.

constexpr std::chrono::milliseconds kReadersAwaited{10'000};
constexpr std::chrono::milliseconds kReadersLookedAtEvery{20};

std::string current_file(const fs::path& directory) {
  return directory / "CURRENT";
}

void make_directory(const fs::path& directory) {
  // A umask can only take bits away. chmod() gives back those of the owner.
  if (::mkdir(directory.c_str(), S_IRWXU) == 0 && ::chmod(directory.c_str(), S_IRWXU) == 0) return;
  if (errno != EEXIST) throw_errno("make", directory);
}

}  // namespace

void throw_rows_damaged(std::string_view what) {
  throw Failure(Remedy::kDamageFound, "rows.damaged",
                fmt::format("{}; rows are derived from the log: `runledger rebuild` builds them again", what));
}

void check_derived(const rocksdb::Status& status, std::string_view doing) {
  if (status.IsCorruption()) throw_rows_damaged(fmt::format("{}: {}", doing, status.ToString()));
  if (status.IsNoSpace())
    throw Failure(Remedy::kCallOperator, "storage.full", fmt::format("{}: {}", doing, status.ToString()));
  check(status, doing);
}

struct DerivedStore::Impl {
  Database database;
};

DerivedStore::DerivedStore(const StoreOptions& options, const fs::path& directory, Manifest manifest)
    : impl_(std::make_unique<Impl>()) {
  rocksdb::DBOptions settings = derived_database_settings(options, impl_->database.errors);
  if (manifest == Manifest::kOfOneChange) settings.max_manifest_file_size = 1;
  if (!settings.env->FileExists(current_file(directory)).ok()) discard(options, directory);  // The rest of a removal.
  make_directory(directory);
  const std::string doing = fmt::format("opening {}", directory.string());
  const rocksdb::Status status = impl_->database.open(settings, directory, Database::Access::kWrite,
                                                      {{rocksdb::kDefaultColumnFamilyName, derived_family_settings()}});
  const bool is_damaged =
      status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound() || status.IsInvalidArgument();
  if (is_damaged) throw_rows_damaged(fmt::format("{}: {}", doing, status.ToString()));
  check_derived(status, doing);
}

DerivedStore::~DerivedStore() {
  std::uint64_t entries = 0;
  if (impl_->database.errors->found ||
      !db().GetIntProperty(rocksdb::DB::Properties::kNumEntriesActiveMemTable, &entries))
    return;
  impl_->database.errors->are_fatal = false;  // What is lost is derived again.
  if (entries > kEntriesNotFlushed) (void)db().Flush({});
}

void DerivedStore::discard(const StoreOptions& options, const fs::path& directory) {
  rocksdb::Options settings;
  if (options.env != nullptr) settings.env = options.env;
  const std::string doing = fmt::format("removing {}", directory.string());
  // First, so that a removal that is cut short goes on at the next opening.
  const rocksdb::Status removed = settings.env->DeleteFile(current_file(directory));
  if (!removed.IsNotFound() && !removed.IsPathNotFound()) check_derived(removed, doing);
  check_derived(rocksdb::DestroyDB(directory, settings), doing);
  std::error_code error;
  fs::remove_all(directory, error);  // Files that the engine does not know, such as those of a damaged manifest.
  if (error)
    throw Failure(Remedy::kCallOperator, "storage.failed",
                  fmt::format("could not remove {}: {}", directory.string(), error.message()));
}

rocksdb::DB& DerivedStore::db() const {
  return *impl_->database.db;
}

void DerivedStore::write(rocksdb::WriteBatch& batch) const {
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  check_derived(db().Write(unlogged, &batch), "writing what is derived");
}

void DerivedStore::flush() const {
  impl_->database.require_sound();
  check_derived(db().Flush({}), "moving what is derived into tables");
}

namespace {

// The engine keeps what a snapshot can see, also in tables that it rewrites.
bool has_snapshot_before(rocksdb::DB& db, std::uint64_t write) {
  std::uint64_t snapshots = 0;
  std::uint64_t oldest = 0;
  return db.GetIntProperty(rocksdb::DB::Properties::kNumSnapshots, &snapshots) && snapshots != 0 &&
         db.GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest) && oldest < write;
}

// Whether the directory has a table that is no longer part of the database, because a reader still holds it, or a
// manifest before the newest.
bool has_left_files(rocksdb::DB& db) {
  std::vector<rocksdb::LiveFileMetaData> live;
  db.GetLiveFilesMetaData(&live);
  int manifests = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(db.GetName())) {
    if (entry.path().filename().string().starts_with("MANIFEST-") && ++manifests > 1) return true;
    if (entry.path().extension() != ".sst") continue;
    const std::string name = "/" + entry.path().filename().string();
    if (std::none_of(live.begin(), live.end(), [&name](const auto& file) { return file.name == name; })) return true;
  }
  return false;
}

// Waits for readers that take a moment.
template <class InUse>
void wait_until_free(const InUse& in_use) {
  for (auto tries = kReadersAwaited / kReadersLookedAtEvery; in_use(); --tries) {
    if (tries == 0)
      throw Failure(Remedy::kRetryLater, "erase.in_use",
                    "expected no reader of what was erased, found one that has not ended: the rest is done at the next "
                    "start, or by the next erase");
    std::this_thread::sleep_for(kReadersLookedAtEvery);
  }
}

}  // namespace

void DerivedStore::rewrite_tables() const {
  const std::uint64_t written = db().GetLatestSequenceNumber();
  flush();
  wait_until_free([&] { return has_snapshot_before(db(), written); });
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  check_derived(db().CompactRange(all, nullptr, nullptr), "rewriting what is derived");
  // The manifest of the last change still names the keys of the tables before it. Another change begins one without.
  rocksdb::WriteBatch nothing;
  check_derived(nothing.Delete(kNoKey), "preparing what is derived");
  write(nothing);
  flush();
  wait_until_free([&] { return has_left_files(db()); });
}

void DerivedStore::check_tables() const {
  check_derived(impl_->database.check_tables(), "checking the tables of what is derived");
}

void DerivedStore::copy_to(const fs::path& directory) const {
  rocksdb::Checkpoint* made = nullptr;
  check_derived(rocksdb::Checkpoint::Create(&db(), &made), "copying what is derived");
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  constexpr std::uint64_t kFlushFirst = 0;  // There is no log that could be copied instead.
  check_derived(checkpoint->CreateCheckpoint(fs::absolute(directory), kFlushFirst), "copying what is derived");
}

}  // namespace runledger
