// The log of a shard on an engine that keeps it: what the ledger needs of Kafka, of Postgres, or of memory.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace runledger {

// The position of an entry; greater than that of every entry before it. Zero is the position before the first entry.
struct LogPosition {
  std::uint64_t value = 0;
  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
  // Nothing can lie between a position and the next one. An engine may leave positions out.
  [[nodiscard]] LogPosition next() const { return LogPosition{value + 1}; }
};

struct LogEntry {
  LogPosition position;
  std::string stored;  // A record (ledger/shard/record.h), or whatever else was put into the log.
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

// One totally ordered log. The engine promises that an entry that was acknowledged or read stays where it is, before
// every later one, and that readers see no other entries. It may store what was appended late, twice or never, and it
// need not know who appends.
//
// One thread may append at a time, and any number may read. Reading throws Failure "engine.unreachable" (kReconnect)
// when the engine does not answer in time; the same call may be made again. An engine may have further codes.
class ShardLog {
 public:
  // The position at which a copy of the entry is. Absent: unknown, because the engine did not answer in time; the entry
  // may be there, may still arrive, or never will.
  using Appended = std::optional<LogPosition>;

  virtual ~ShardLog() = default;

  // Appends bytes, at least one and at most kShardRecordBytesMax. Calls `done` exactly once, on any thread and perhaps
  // before it returns; `done` must not block for long, and must not call the log.
  virtual void append(std::string stored, std::function<void(Appended)> done) = 0;

  // Returns the entries after `after`, in order and without a gap: at least one if there is one, and further ones as
  // long as all together have at most `bytes_max`. Waits up to `wait` for the first. Empty: there was none.
  [[nodiscard]] virtual std::vector<LogEntry> read(LogPosition after, std::size_t bytes_max,
                                                   std::chrono::milliseconds wait) = 0;

  // Returns the position of the last entry; zero when there is none. It is not before any entry that was acknowledged
  // or read before the call.
  [[nodiscard]] virtual LogPosition end() = 0;
};

}  // namespace runledger
