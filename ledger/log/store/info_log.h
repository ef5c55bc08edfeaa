// Where RocksDB says what troubles it: file LOG of the store, for whoever looks into a failure.
#pragma once

#include <rocksdb/env.h>

#include <cstdarg>
#include <filesystem>

#include "ledger/base/descriptor.h"
#include "ledger/base/mutex.h"

namespace runledger {

// RocksDB's own aborts the process when its file cannot be written; from this one a line is lost then. What a database
// is set to is left out: the store's OPTIONS file has it.
//
// Any thread may use it.
class StoreInfoLog final : public rocksdb::Logger {
 public:
  // In the file of that name, appended to; one that has grown beyond 4 MiB becomes NAME.old first. Nothing is opened
  // before there is something to write.
  explicit StoreInfoLog(std::filesystem::path file);

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  void LogHeader(const char* format, va_list arguments) override;

 private:
  void open() RUNLEDGER_REQUIRES(mutex_);

  std::filesystem::path file_;
  Mutex mutex_;
  Descriptor handle_ RUNLEDGER_GUARDED_BY(mutex_);  // None: not opened yet, or it cannot be.
};

}  // namespace runledger
