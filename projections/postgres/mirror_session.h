// The session of a projector with its mirror: connection, lock, batches and checkpoint, for following and for
// rebuilding.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"
#include "projections/postgres/checkpoint.h"
#include "projections/postgres/connection.h"
#include "projections/postgres/mirror_batch.h"
#include "projections/postgres/mirror_options.h"

namespace runledger {

// The state that Mirror shares between following and rebuilding. For one thread, except published_checkpoint. Throws
// Failure as Mirror does.
class MirrorSession {
 public:
  static constexpr std::chrono::milliseconds kStopAskedEvery{100};
  static constexpr std::size_t kCachedBytesMax = 128U << 20U;  // Enough for about 60,000 open runs.
  static constexpr std::size_t kLongBatchBytesMax = 192U << 20U;

  MirrorSession(EventLog& event_log, MirrorOptions mirror_options, std::function<void(Sequence)> checkpoint_listener)
      : log(event_log), options(std::move(mirror_options)), on_checkpoint(std::move(checkpoint_listener)) {}

  EventLog& log;
  MirrorOptions options;
  std::function<void(Sequence)> on_checkpoint;          // As of Mirror; may be empty.
  std::chrono::milliseconds timeout{};                  // The timeout that open() was called with.
  bool opened = false;                                  // The mirror was opened at least once.
  std::unique_ptr<PostgresConnection> connection;       // Null when lost or not opened yet. Holds the lock.
  std::optional<MirrorCheckpoint> standing;             // As of the connection's last transaction.
  std::atomic<std::int64_t> published_checkpoint = -1;  // The last one of `standing`, for any thread; -1 at first.
  RunCache cache{kCachedBytesMax / 2};                  // Runs as of `standing`.
  std::minstd_rand jitter{std::random_device{}()};

  [[nodiscard]] LedgerId ledger_id() const { return log.store().ledger_id(); }

  // Returns a function that returns true once `timeout` from now has passed.
  [[nodiscard]] std::function<bool()> give_up_after_timeout() const;

  // Calls `work` over a connection until it returns, with a new connection and a growing delay after each failure.
  // Rethrows failures that a new connection cannot repair, and the last failure once `give_up` returns true. It is
  // called after each failure, and every 100 ms during a delay.
  void persist(const std::function<void()>& work, const std::function<bool()>& give_up);

  // Throws Failure "mirror.other_revision" or "mirror.drifted" unless events can be folded onto the rows of the mirror.
  void check_can_follow() const;

  // Publishes the checkpoint of `standing` to other threads.
  void publish_checkpoint();

  // Fills the attempts if the mirror does not have them yet, up to its checkpoint. Then writes and commits the next
  // batch, if the log has one; a mirror without rows is filled with the whole log instead
  // when that is more than a batch. Requires check_can_follow(). While it fills, it asks `stop` every few milliseconds,
  // and when that returns true it gives up with Failure "mirror.unreachable" (kReconnect) and has changed nothing.
  // `progress` reports a filling.
  void write_next_batch(const std::function<bool()>& stop, const Progress& progress);

  // Throws Failure "mirror.tables_dropped" (kReconnect) when tables of the mirror were dropped. Requires a connection.
  void check_tables() const;

  // Writes batches until the checkpoint reaches `target`.
  void catch_up(Sequence target, const Progress& progress);

 private:
  // Returns false when the mirror cannot be filled: it has rows, or belongs to another role.
  void fill_missing_attempts(const std::function<bool()>& stop, const Progress& progress);
  bool fill(const std::function<bool()>& stop, const Progress& progress);
  void write_batch_after_standing();
  [[nodiscard]] MirrorBatchLimits batch_limits() const;

  // Tries once: connects, takes the lock, checks that the mirror is of this log, migrates, reads the checkpoint.
  void connect();
  void check_belongs_here(pqxx::connection_base& raw) const;
};

}  // namespace runledger
