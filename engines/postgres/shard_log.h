// The log of a shard in Postgres: a table with one row per entry, each committed by a quorum of servers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "ledger/shard/log.h"

namespace runledger {

struct PostgresShardLogOptions {
  // How many servers a commit reaches before it is acknowledged.
  enum class Durability : std::uint8_t {
    // As many as synchronous_standby_names says. A server without it, or with fsync off, is refused with
    // "engine.unsafe".
    kQuorum,
    // The server alone: for a managed Postgres that replicates beneath it, and for a machine of its own.
    kServer,
  };

  std::string dsn;  // With several hosts, the one that can be written to is used.
  std::uint32_t shard = 0;
  Durability durability = Durability::kQuorum;
  // How long an append or a read may take before it is given up. A commit that waits for a standby is not ended by
  // that; it is unknown.
  std::chrono::milliseconds answer_max{3000};
};

// It gives what ShardLog asks for as long as the Postgres servers have one primary at a time, and the one that takes
// over has everything that was acknowledged (docs/cluster.md). What it reads is confirmed by a commit of the quorum
// before it is returned: a server that was restarted or whose waits were cancelled shows rows that may yet vanish.
//
// Any thread may read. Failures besides "engine.unreachable": "engine.dsn_invalid", "engine.unsafe",
// "engine.unprepared" (no tables, create() was not called) and "engine.failed" (Postgres refused a statement).
class PostgresShardLog final : public ShardLog {
 public:
  // Makes the schema runledger_shards and its table unless they are there.
  static void create(const PostgresShardLogOptions& options);

  // Starts the thread that appends. Connects with the first append and the first read.
  explicit PostgresShardLog(PostgresShardLogOptions options);
  ~PostgresShardLog() override;  // Waits for the append under way.

  void append(std::string stored, std::function<void(Appended)> done) override;
  [[nodiscard]] std::vector<LogEntry> read(LogPosition after, std::size_t bytes_max,
                                           std::chrono::milliseconds wait) override;
  [[nodiscard]] LogPosition end() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
