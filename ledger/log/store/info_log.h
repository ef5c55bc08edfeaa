// RocksDB's own log of warnings and errors: the file LOG of the store, for people who investigate a failure.
#pragma once

#include <rocksdb/env.h>

#include <cstdarg>
#include <filesystem>

#include "ledger/base/descriptor.h"
#include "ledger/base/mutex.h"

namespace runledger {

// RocksDB's default logger aborts the process when its file cannot be written; this one drops the line instead. It also
// leaves out the settings, which RocksDB logs on opening, because the store's OPTIONS file has them.
//
// Any thread may use it.
class StoreInfoLog final : public rocksdb::Logger {
 public:
  // Appends to `file`, and opens it when the first line is written. A file that has grown beyond 4 MiB by then is first
  // renamed to NAME.old.
  explicit StoreInfoLog(std::filesystem::path file);

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  void LogHeader(const char* format, va_list arguments) override;

 private:
  void open() RUNLEDGER_REQUIRES(mutex_);

  std::filesystem::path file_;
  Mutex mutex_;
  Descriptor handle_ RUNLEDGER_GUARDED_BY(mutex_);  // Closed until the first line; each line tries to open it.
};

// Keeps nothing, and makes no file: for a database that is only looked at.
class NoInfoLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace runledger
