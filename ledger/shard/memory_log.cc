// Entries in a vector. Positions are its indexes, from 1.
#include "ledger/shard/memory_log.h"

#include <utility>

#include "ledger/base/assert.h"
#include "ledger/shard/record.h"

namespace runledger {

void MemoryShardLog::append(std::string stored, std::function<void(Appended)> done) {
  RUNLEDGER_ASSERT(!stored.empty() && stored.size() <= kShardRecordBytesMax);
  LogPosition position;
  {
    const MutexLock lock(mutex_);
    entries_.push_back(std::move(stored));
    position.value = entries_.size();
    grown_.notify_all();
  }
  done(position);
}

std::vector<LogEntry> MemoryShardLog::read(LogPosition after, std::size_t bytes_max, std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  MutexLock lock(mutex_);
  while (entries_.size() <= after.value && grown_.wait_until(lock, deadline)) {
  }
  std::vector<LogEntry> read;
  std::size_t bytes = 0;
  for (std::size_t i = after.value; i < entries_.size(); ++i) {
    bytes += entries_[i].size();
    if (!read.empty() && bytes > bytes_max) break;
    read.push_back({LogPosition{i + 1}, entries_[i]});
  }
  return read;
}

LogPosition MemoryShardLog::end() {
  const MutexLock lock(mutex_);
  return LogPosition{entries_.size()};
}

}  // namespace runledger
