// Creates, opens, checks, copies and closes the database.
//
// Opening takes these steps; the order matters:
//
// 1. The directory is checked and locked (ledger/log/store/data_directory.h). `directory` is the first member of Impl,
//    so that the lock outlives the database.
// 2. The file CURRENT must exist: a directory without it has lost its store, and that is damage.
// 3. The identity key is read.
// 4. Unknown column families are refused: a newer program has made them.
// 5. check_wal() examines the engine's write-ahead log before the engine reads it, because the engine drops everything
//    after a damaged header without reporting it.
// 6. The engine opens the database to read only. If it finds a bad checksum, locate_wal_damage() finds the place for
//    the message.
// 7. The format version is read from the default family. Only a store of our version must have all families; one of an
//    older version may lack some, and is refused for its version.
// 8. The id of the identity key and the ledger id are read, and the keys of tenants if the ledger seals their contents.
// 9. begin_writing() lets the engine open it anew, to write. That alone changes files for good: the engine begins a new
//    manifest, passes over what it took for the end of its own log, and removes tables that the manifest does not name.
//
// Store::create() makes a database with these three values, then the key; the directory counts as a ledger only after
// finish_creation(), so a creation can be killed at any point. copy_to() does the same around a RocksDB checkpoint.
//
// What is derived from the log lies in databases of its own (ledger/log/store/derived_store.h). Each is opened when it
// is asked for, since most commands do not need it, and closed first.
#include "ledger/log/store/store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/unique_id.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/log/store/database.h"
#include "ledger/log/store/ledger_files.h"
#include "ledger/log/store/settings.h"
#include "ledger/log/store/wal.h"

namespace runledger {
namespace {

using Access = Database::Access;

std::vector<rocksdb::ColumnFamilyDescriptor> all_families() {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& [family, name] : kEnumWords<Family>)
    families.emplace_back(std::string(name), family_settings(family, cache));
  return families;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<rocksdb::ColumnFamilyDescriptor> families_among(const std::vector<std::string>& found) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families = all_families();
  std::erase_if(families, [&](const auto& family) { return !contains(found, family.name); });
  return families;
}

// When opening, a missing or unreadable file is damage, whatever kind of error the engine reports.
void check_opening(const rocksdb::Status& status, const std::string& path) {
  if (status.ok()) return;
  if (status.IsNotFound() || status.IsPathNotFound() || status.IsInvalidArgument()) {
    throw_damaged(fmt::format("opening the store {}: {}", path, status.ToString()));
  }
  const std::string doing = fmt::format("opening the store {}", path);
  if (status.IsNoSpace()) {
    throw Failure(Remedy::kCallOperator, "storage.full",
                  fmt::format("{} takes a few hundred KiB: {}; nothing is lost", doing, status.ToString()));
  }
  check(status, doing);
}

std::vector<std::string> families_in(const rocksdb::DBOptions& settings, const std::string& path) {
  std::vector<std::string> found;
  check_opening(rocksdb::DB::ListColumnFamilies(settings, path, &found), path);
  return found;
}

void require_families(const std::vector<std::string>& found, const std::string& path) {
  for (const auto& [family, name] : kEnumWords<Family>) {
    if (!contains(found, name)) throw_damaged(fmt::format("expected the family {} in {}, found none", name, path));
  }
}

void open(Database& database, const rocksdb::DBOptions& settings, const std::string& path, Access access,
          const std::vector<rocksdb::ColumnFamilyDescriptor>& families) {
  const rocksdb::Status status = database.open(settings, path, access, families);
  if (status.IsCorruption()) locate_wal_damage(*settings.env, path);
  check_opening(status, path);
}

std::string read_meta(rocksdb::DB& db, const char* key, std::size_t size) {
  std::string value;
  const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), key, &value);
  if (status.IsNotFound() || (status.ok() && value.size() != size)) {
    throw_damaged(fmt::format("expected {} bytes under {} in the store, found {}", size, key,
                              status.ok() ? std::to_string(value.size()) : "nothing"));
  }
  check(status, fmt::format("reading {}", key));
  return value;
}

// Returns the format.
std::uint32_t check_format(rocksdb::DB& db) {
  const std::uint32_t found = load_big_endian_32(read_meta(db, kFormatKey, sizeof(found)).data());
  require_format(found);
  return found;
}

// Whether the failure is that a reader of other users' files, who has a view of them, may not read the keys.
bool is_closed_to_reader(const Store::Options& options, const Failure& failure) {
  return !options.view_of.empty() && failure.code() == "ledger.not_writable";
}

// Where the keys of tenants are. A LedgerCopy has none of its own: it uses those of the ledger that it lies in, so that
// no key is written a second time.
std::filesystem::path seal_directory(const Store::Options& options) {
  if (!options.view_of.empty()) return options.view_of;
  const std::filesystem::path& directory = options.directory;
  const std::filesystem::path holder = std::filesystem::absolute(directory).lexically_normal().parent_path();
  return options.is_copy && holder.filename() == kCopiesDirectory ? holder.parent_path() : directory;
}

std::unique_ptr<SealKeys> open_seal_keys(const Store::Options& options) {
  const SealKeyFile::Access access = options.is_copy ? SealKeyFile::Access::kRead : SealKeyFile::Access::kWrite;
  try {
    return std::make_unique<SealKeys>(seal_directory(options), access);
  } catch (const Failure& failure) {
    if (!is_closed_to_reader(options, failure)) throw;
    return std::make_unique<SealKeys>(options.directory, access);  // A view has none itself.
  }
}

void check_key(rocksdb::DB& db, const IdentityKey& key) {
  if (read_meta(db, kIdentityKeyIdKey, sizeof(Digest<8>)) != bytes_of(key.id())) {
    throw Failure(Remedy::kCallOperator, "ledger.key_missing",
                  "expected this ledger's identity key in identity.key, found the key of another ledger");
  }
}

// A file system in memory does not support a sync.
void sync_log(rocksdb::DB& db) {
  const rocksdb::Status status = db.SyncWAL();
  if (!status.IsNotSupported()) check(status, "syncing the engine's log");
}

// Leaves a damaged database out.
void copy_shared(const Store& store, Derived which, const SharedDerived& shared, const DataDirectory& copy) {
  if (!store.has_derived(which)) return;
  try {
    shared.read([&](const DerivedStore& derived) { derived.copy_to(copy.derived_path(which)); });
  } catch (const Failure& failure) {
    if (failure.remedy() != Remedy::kDamageFound) throw;
  }
}

}  // namespace

struct Store::Impl {
  DataDirectory directory;  // The first member, so that the lock outlives the database.
  Options options;
  IdentityKey key;
  bool has_key = true;
  std::uint64_t recovered_bytes = 0;
  std::optional<Database> database;
  Access access = Access::kRead;
  LedgerId ledger_id;
  std::unique_ptr<SealKeys> seal_keys;  // Null: the ledger seals nothing.
  Mutex mutex;
  // Null until they are asked for.
  std::array<std::unique_ptr<DerivedStore>, kDerivedCount> derived RUNLEDGER_GUARDED_BY(mutex);
  SharedDerived tiles;
  SharedDerived scopes;

  Impl(const Store& store, const Options& given)
      : directory(given.directory, given.is_copy ? DataDirectory::Purpose::kUseCopy : DataDirectory::Purpose::kUse),
        options(given),
        tiles([&store]() -> const DerivedStore& { return store.derived(Derived::kTiles); },
              [&store] { store.discard_derived(Derived::kTiles); }),
        scopes([&store]() -> const DerivedStore& { return store.derived(Derived::kScopes); },
               [&store] { store.discard_derived(Derived::kScopes); }) {
    database.emplace();
    const rocksdb::DBOptions settings = database_settings(options, false, database->errors);
    const std::string path = directory.store_path();
    if (!settings.env->FileExists(path + "/CURRENT").ok()) {
      throw_damaged(fmt::format("expected a store in {}, found no file CURRENT", path));
    }
    has_key = read_key();
    const std::vector<std::string> found = families_in(settings, path);
    refuse_newer_families(found, path);
    recovered_bytes = check_wal(*settings.env, path);
    open(*database, settings, path, Access::kRead, families_among(found));
    const std::uint32_t format = check_format(*database->db);
    require_families(found, path);
    if (format == kSealedFormatVersion) seal_keys = open_seal_keys(options);
    if (has_key) {
      take_kept_key();
      check_key(*database->db, key);
    }
    const std::string id = read_meta(*database->db, kLedgerIdKey, sizeof(ledger_id.value.bytes));
    std::copy(id.begin(), id.end(), ledger_id.value.bytes.begin());
  }

  // Returns false if this user may not read the key.
  bool read_key() {
    try {
      key = options.view_of.empty() ? directory.read_key() : read_identity_key(options.view_of);
      return true;
    } catch (const Failure& failure) {
      if (!is_closed_to_reader(options, failure)) throw;
      return false;
    }
  }

  // Completes an adopt_key() that was cut short.
  void take_kept_key() {
    Digest<8> id;
    const std::string stored = read_meta(*database->db, kIdentityKeyIdKey, sizeof(id));
    std::copy(stored.begin(), stored.end(), id.bytes.begin());
    if (key.id() == id) return;
    const std::optional<IdentityKey> kept =
        options.view_of.empty() ? directory.take_kept_key(id) : read_kept_identity_key(options.view_of, id);
    if (kept) key = *kept;
  }

  void begin_writing() {
    if (access == Access::kWrite || !options.view_of.empty()) return;
    database.emplace();
    const rocksdb::DBOptions settings = database_settings(options, false, database->errors);
    const std::string path = directory.store_path();
    std::vector<rocksdb::ColumnFamilyDescriptor> families = all_families();
    for (const std::string& name : families_in(settings, path)) {
      if (is_retired_family(name)) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    }
    open(*database, settings, path, Access::kWrite, families);
    for (auto i = static_cast<std::size_t>(kFamilyCount); i < families.size(); ++i)
      check(database->db->DropColumnFamily(database->handles[i]), "removing the family " + families[i].name);
    access = Access::kWrite;
  }
};

void require_format(std::uint32_t found) {
  if (found > kSealedFormatVersion) {
    throw Failure(Remedy::kCallOperator, "ledger.format_newer",
                  fmt::format("expected a ledger of format {} or older, found format {}: use a newer version of this "
                              "program",
                              kSealedFormatVersion, found));
  }
  if (found < kFormatVersion) {
    throw Failure(Remedy::kCallOperator, "ledger.format_older",
                  fmt::format("expected a ledger of format {}, found format {}, which only a program from before the "
                              "first release can read: import its journals or requests into a new ledger",
                              kFormatVersion, found));
  }
}

namespace {

void make_database(const DataDirectory& directory, const StoreOptions& options, const StoreIdentity& identity) {
  directory.make_store_directory();
  Database database;
  const rocksdb::DBOptions settings = database_settings(options, true, database.errors);
  open(database, settings, directory.store_path(), Access::kWrite, all_families());
  rocksdb::WriteBatch batch(0, 0, kProtectionBytesPerKey, 0);
  std::string format;
  append_big_endian(format, identity.format);
  check(batch.Put(kFormatKey, format), "creating the store");
  check(batch.Put(kLedgerIdKey, identity.ledger_id.value.view()), "creating the store");
  check(batch.Put(kIdentityKeyIdKey, bytes_of(identity.identity_key_id)), "creating the store");
  rocksdb::WriteOptions durable;
  durable.sync = true;
  check(database.db->Write(durable, &batch), "creating the store");
  check(database.db->Flush({}), "creating the store");  // The engine's own log is then not needed.
}

}  // namespace

void Store::create(const Options& options, const IdentityKey& key, const std::optional<MasterKey>& seal) {
  const DataDirectory directory(options.directory, DataDirectory::Purpose::kCreate);
  make_database(directory, options,
                {.format = seal ? kSealedFormatVersion : kFormatVersion,
                 .ledger_id = LedgerId{random_uuid()},
                 .identity_key_id = key.id()});
  directory.write_key(key);
  if (seal) SealKeyFile::create(directory.path(), *seal);
  directory.finish_creation();
}

void Store::create_again(const Options& options, const IdentityKey& key, const StoreIdentity& identity) {
  RUNLEDGER_ASSERT(key.id() == identity.identity_key_id);
  const DataDirectory directory(options.directory, DataDirectory::Purpose::kCreate);
  make_database(directory, options, identity);
  directory.write_key(key);
  directory.finish_creation();
}

Store::Store(const Options& options) : impl_(std::make_unique<Impl>(*this, options)) {}

Store::~Store() = default;

void Store::begin_writing() {
  impl_->begin_writing();
}

void Store::become(LedgerId ledger) {
  impl_->begin_writing();
  rocksdb::WriteOptions durable;
  durable.sync = true;
  check(db().Put(durable, kLedgerIdKey, ledger.value.view()), "giving the store another id");
  impl_->ledger_id = ledger;
}

void Store::adopt_key(const IdentityKey& key) {
  impl_->begin_writing();
  impl_->directory.keep_key(key);
  rocksdb::WriteOptions durable;
  durable.sync = true;
  check(db().Put(durable, kIdentityKeyIdKey, bytes_of(key.id())), "giving the store another identity key");
  impl_->key = impl_->directory.take_kept_key(key.id()).value();
}

rocksdb::DB& Store::db() const {
  return *impl_->database->db;
}

rocksdb::ColumnFamilyHandle* Store::family(Family family) const {
  return impl_->database->handles[static_cast<std::size_t>(family)];
}

DerivedStore& Store::derived(Derived which) const {
  const MutexLock lock(impl_->mutex);
  std::unique_ptr<DerivedStore>& derived = impl_->derived[static_cast<std::size_t>(which)];
  if (derived) return *derived;
  // Keys of the rows have texts of tenants, which an erasure must reach in every file.
  const bool forgets = which == Derived::kRows && impl_->seal_keys;
  derived =
      std::make_unique<DerivedStore>(impl_->options, impl_->directory.derived_path(which),
                                     forgets ? DerivedStore::Manifest::kOfOneChange : DerivedStore::Manifest::kLong);
  return *derived;
}

bool Store::has_derived(Derived which) const {
  return db().GetEnv()->FileExists(impl_->directory.derived_path(which).native() + "/CURRENT").ok();
}

void Store::discard_derived(Derived which) const {
  const MutexLock lock(impl_->mutex);
  impl_->derived[static_cast<std::size_t>(which)].reset();
  DerivedStore::discard(impl_->options, impl_->directory.derived_path(which));
}

const SharedDerived& Store::tiles() const {
  return impl_->tiles;
}

const SharedDerived& Store::scopes() const {
  return impl_->scopes;
}

LedgerId Store::ledger_id() const {
  return impl_->ledger_id;
}

bool Store::has_identity_key() const {
  return impl_->has_key;
}

const IdentityKey& Store::identity_key() const {
  return impl_->key;
}

void Store::copy_to(const std::filesystem::path& directory, CopyOf what) const {
  const DataDirectory copy(directory, DataDirectory::Purpose::kCreate);
  if (what == CopyOf::kLogAndDerived) {  // First, since what is derived must not be ahead of the log.
    derived().copy_to(copy.derived_path(Derived::kRows));
    copy_shared(*this, Derived::kTiles, tiles(), copy);
    copy_shared(*this, Derived::kScopes, scopes(), copy);
  }
  rocksdb::Checkpoint* made = nullptr;
  check(rocksdb::Checkpoint::Create(&db(), &made), "copying the store");
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // No flush comes first: the checkpoint also copies the engine's own log, with everything that is only there.
  constexpr std::uint64_t kNeverFlush = std::numeric_limits<std::uint64_t>::max();
  const rocksdb::Status status =
      checkpoint->CreateCheckpoint(std::filesystem::absolute(copy.store_path()), kNeverFlush);
  if (status.IsNoSpace())
    throw Failure(Remedy::kCallOperator, "storage.full", "copying the store: " + status.ToString());
  check(status, "copying the store");
  copy.write_key(identity_key());
  copy.finish_creation();
}

std::map<std::string, std::string> Store::table_ids() const {
  std::map<std::string, std::string> ids;
  for (rocksdb::ColumnFamilyHandle* family : impl_->database->handles) {
    rocksdb::TablePropertiesCollection tables;
    check(db().GetPropertiesOfAllTables(family, &tables), "reading the properties of tables");
    for (const auto& [path, properties] : tables) {
      std::string id;
      check(rocksdb::GetUniqueIdFromTableProperties(*properties, &id), "reading the id of " + path);
      ids[std::filesystem::path(path).filename()] = format_hex(id);
    }
  }
  return ids;
}

void Store::flush_at_end() {
  impl_->database->require_sound();
  sync_log(db());
  impl_->database->errors->are_fatal = false;
  const std::vector<rocksdb::ColumnFamilyHandle*> families(impl_->database->handles.begin(),
                                                           impl_->database->handles.end());
  check(db().Flush({}, families), "flushing the store");
}

NeededLogs Store::needed_logs() const {
  // Once flush_at_end() was called, everything is synced, and the engine may have failed since.
  if (impl_->database->errors->are_fatal) impl_->database->require_sound();
  NeededLogs needed = needed_logs_of(db());
  if (!needed.complete.empty() && impl_->database->errors->are_fatal) sync_log(db());
  return needed;
}

void Store::require_logs(const NeededLogs& before) const {
  require_logs_of(db(), before);
}

void Store::check_tables(const std::function<void()>& between) const {
  check(impl_->database->check_tables(between), "checking the store's tables");
}

std::uint64_t Store::recovered_bytes() const {
  return impl_->recovered_bytes;
}

SealKeys* Store::seal_keys() const {
  return impl_->seal_keys.get();
}

const std::filesystem::path& Store::directory() const {
  return impl_->directory.path();
}

}  // namespace runledger
