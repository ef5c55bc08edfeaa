// An open RocksDB database with the handles of its families.
#pragma once

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ledger/log/store/settings.h"

namespace runledger {

// The destructor closes it, and reports what fails on standard error: there is nobody left who could do anything.
struct Database {
  enum class Access { kRead, kWrite };

  std::shared_ptr<BackgroundErrors> errors = std::make_shared<BackgroundErrors>();
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // In the order in which open() was given the families.

  Database() = default;
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Opens the database at `path`. The engine's own log of warnings goes to the file LOG in it. Call it once.
  [[nodiscard]] rocksdb::Status open(rocksdb::DBOptions settings, const std::string& path, Access access,
                                     const std::vector<rocksdb::ColumnFamilyDescriptor>& families);

  // Compares every table file with the checksum that was recorded when it was written: a corruption when they differ.
  // Calls `between`, which may be empty and may throw, before each piece of a table that it reads.
  [[nodiscard]] rocksdb::Status check_tables(const std::function<void()>& between = {}) const;

  // Throws Failure "storage.failed" after a background error: the engine then aborts the process if it is asked to
  // sync.
  void require_sound() const;
};

}  // namespace runledger
