// One node's part in a shard: a thread that follows the log, keeps the seat, and commits while the node leads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/shard/log.h"
#include "ledger/shard/seat.h"

namespace runledger {

// What became of a commit, as its caller hears it.
enum class CommitOutcome : std::uint8_t {
  kIn,        // It was admitted and applied.
  kNotIn,     // It was certainly not done, and never will be; another node may lead.
  kTooLarge,  // It was not done, because no record has room for it.
  kUnknown,   // The engine was away for too long, or the replica has stopped.
};

struct ReplicaOptions {
  SeatOptions seat;
  std::size_t read_bytes_max = 4U << 20U;  // How much is read at a time.
  // How long a read waits for entries. The seat's delays are kept to about this resolution.
  std::chrono::milliseconds read_wait{50};
  // How often the log's end is compared with what was read, besides before every bid.
  std::chrono::milliseconds end_asked_every{5000};
  // How long commit() waits before it says kUnknown. More than the engine's timeout for two appends.
  std::chrono::milliseconds commit_wait_max{10'000};
  // How long the destructor waits until the resignation is in.
  std::chrono::milliseconds resignation_wait_max{1000};

  // Takes in an admitted commit, and returns when it is durable and visible here. Called once for each commit, of this
  // node too, in the order of the log; never twice at the same time, on any thread. After an exception, which should be
  // a Failure, the replica stops. `position` belongs into the same write: the replica must be started with it again.
  using Apply = std::function<void(const ShardCommit& commit, LogPosition position)>;
  Apply apply;
  // Called when the role has changed. Must not block, nor call the replica. May be empty.
  std::function<void(SeatRole role)> on_role = {};
  // Called once, if the replica stops by itself. Must not block, nor call the replica. May be empty.
  std::function<void(const Failure& failure)> on_stopped = {};
};

// Any thread may use it. It stops by itself, and says so with a Failure, for what reading on cannot repair:
//   "engine.other_shard" (kCorrectInput)   The log belongs to another shard or ledger.
//   "engine.lost_entries" (kDamageFound)   The log ends before entries that were read or acknowledged.
//   "engine.diverged" (kDamageFound)       A record cannot follow what was read (RecordVerdict::kDiverged).
//   "engine.damaged", "ledger.format_newer" as decode_shard_record(), and what `apply` throws.
class ShardReplica {
 public:
  // Starts the thread. `log` is not owned and must outlive the replica, which must be its only appender.
  ShardReplica(ShardLog& log, const Admission& admission, LogPosition position, ReplicaOptions options);
  ~ShardReplica();  // Resigns if it leads. No thread may commit any more.

  // The epoch that it leads in; absent while it does not lead. From its own fence on, a leader has applied everything
  // that came before, so what is decided on the applied commits while it leads can be committed in the same epoch.
  [[nodiscard]] std::optional<Epoch> leadership() const;

  // Appends a commit that was decided in an epoch, and waits until it is known what became of it and, if it is in,
  // until it is applied. kNotIn also when it does not lead in that epoch. Until commit() returns, `apply_own` takes the
  // place of ReplicaOptions::apply for this commit, if it is given. One thread at a time.
  [[nodiscard]] CommitOutcome commit(Epoch decided_in, std::vector<std::string> events,
                                     std::vector<ShardAnswer> answers, ReplicaOptions::Apply apply_own = {});

  [[nodiscard]] SeatRole role() const;
  // The leader's fence: its node and address. Absent if none was read since the start.
  [[nodiscard]] std::optional<ShardFence> leader() const;
  [[nodiscard]] Admission admission() const;
  [[nodiscard]] LogPosition position() const;
  [[nodiscard]] std::uint64_t passed_over() const;
  // Waits until it has the role, or the time has passed; returns whether it has.
  [[nodiscard]] bool wait_for(SeatRole role, std::chrono::milliseconds timeout) const;
  // The same for having taken in the entry at `position`.
  [[nodiscard]] bool wait_for(LogPosition position, std::chrono::milliseconds timeout) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
