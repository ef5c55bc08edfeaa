// A shard's log in the memory of this process, for nodes that share the process: tests, and the cost of all the rest.
#pragma once

#include "ledger/base/mutex.h"
#include "ledger/shard/log.h"

namespace runledger {

// Any thread may use it, also to append. It is never unreachable and answers before append() returns.
class MemoryShardLog final : public ShardLog {
 public:
  void append(std::string stored, std::function<void(Appended)> done) override;
  [[nodiscard]] std::vector<LogEntry> read(LogPosition after, std::size_t bytes_max,
                                           std::chrono::milliseconds wait) override;
  [[nodiscard]] LogPosition end() override;

 private:
  Mutex mutex_;
  Condition grown_;
  std::vector<std::string> entries_ RUNLEDGER_GUARDED_BY(mutex_);  // The first is at position 1.
};

}  // namespace runledger
