// The tiles of the lowest level are read in the order of their keys (ledger/log/hash_tiles.cc).
#include "ledger/log/salvaged_tiles.h"

#include <rocksdb/db.h>

#include <cstring>
#include <string>

#include "ledger/base/big_endian.h"
#include "ledger/log/hash_tiles.h"
#include "ledger/log/store/database.h"
#include "ledger/log/store/derived_store.h"
#include "ledger/log/store/info_log.h"
#include "ledger/log/store/settings.h"

namespace runledger {

struct SalvagedTiles::Impl {
  Database database;
  std::unique_ptr<rocksdb::Iterator> tile;  // Null when there are no tiles that can be read. Destroyed first.
  std::uint64_t index = 0;
  std::string hashes;  // Of the tile before `index`, those that were not given yet.

  explicit Impl(const std::string& path) {
    StoreOptions options;
    options.on_fatal = [](const std::string&) {};
    rocksdb::DBOptions settings = derived_database_settings(options, database.errors);
    settings.create_if_missing = false;
    settings.info_log = std::make_shared<NoInfoLog>();
    const std::vector<rocksdb::ColumnFamilyDescriptor> families{
        {rocksdb::kDefaultColumnFamilyName, derived_family_settings()}};
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(settings, path, families, &database.handles, &opened);
    database.db.reset(opened);
    if (!status.ok()) return;
    tile.reset(opened->NewIterator({}, database.handles.front()));
    tile->Seek(key_of(0));
  }

  static std::string key_of(std::uint64_t index) {
    std::string key("T\0", 2);
    append_big_endian(key, index);
    return key;
  }

  void read_tile() {
    if (!tile || !tile->Valid() || tile->key() != key_of(index)) return;
    hashes = tile->value().ToString();
    ++index;
    tile->Next();
  }
};

SalvagedTiles::SalvagedTiles(const std::filesystem::path& ledger) {
  const std::filesystem::path path = ledger / to_string(Derived::kTiles);
  std::error_code error;
  if (std::filesystem::exists(path / "CURRENT", error)) impl_ = std::make_unique<Impl>(path.string());
}

SalvagedTiles::~SalvagedTiles() = default;

std::optional<Digest<32>> SalvagedTiles::next() {
  Digest<32> hash;
  if (!impl_) return std::nullopt;
  if (impl_->hashes.size() < sizeof(hash)) impl_->read_tile();
  if (impl_->hashes.size() < sizeof(hash)) {
    impl_.reset();
    return std::nullopt;
  }
  std::memcpy(hash.bytes.data(), impl_->hashes.data(), sizeof(hash));
  impl_->hashes.erase(0, sizeof(hash));
  return hash;
}

}  // namespace runledger
