// The checkpoints of a running daemon: it signs them, and hands them out with the hashes of the tree under them.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ledger/evidence/checkpoint_keeper.h"
#include "ledger/log/hash_tiles.h"
#include "ledger/values/rejection.h"
#include "projections/postgres/checkpoint_table.h"
#include "tools/daemon/observe/metrics.h"
#include "tools/daemon/observe/operations_log.h"
#include "tools/daemon/witness/witnesses.h"

namespace runledger {

struct CheckpointOptions {
  std::chrono::seconds every{60};               // At most so often, while events come.
  std::optional<std::filesystem::path> file{};  // Replaced with each new checkpoint.
  std::optional<MirrorOptions> postgres{};      // Each new checkpoint is stored beside this mirror.
  std::vector<WitnessAddress> witnesses{};      // Each new checkpoint is sent to them.
};

// Signs from construction to destruction, on a thread of its own, if the ledger has an audit key. The log of the daemon
// says what goes wrong; the daemon goes on. Any thread may use it.
class PublishedCheckpoints {
 public:
  // `log` and `to` are not owned and must outlive it. Throws as read_audit_key() does, except for a missing key.
  PublishedCheckpoints(const EventLog& log, CheckpointOptions options, OperationsLog& to);

  // Returns the newest checkpoint. Code "checkpoint.absent" when nothing is signed, or nothing yet.
  [[nodiscard]] Result<std::string> checkpoint() const;
  // Returns the hashes of a tile, 32 bytes each. Code "tile.not_found" for what the newest checkpoint does not cover.
  [[nodiscard]] Result<std::string> tile(const TileRange& range) const;

  // Called once the mirror was opened, which belongs to this ledger then.
  void begin_postgres();

  // Absent until the first checkpoint of the ledger is signed. After a restart it is the one that was signed before.
  [[nodiscard]] std::optional<CheckpointStanding> standing() const;
  // The places that checkpoints are handed out to, and what is there.
  [[nodiscard]] std::vector<HandedOutStanding> handed_out() const;
  // What each witness has cosigned, in the order of the options. After a restart, what the note that was signed before
  // shows.
  [[nodiscard]] std::vector<WitnessStanding> witnesses() const;
  // Whether nothing more is signed because the ledger is damaged, or does not extend what was signed before.
  [[nodiscard]] bool stopped() const { return keeper_ && keeper_->stopped(); }

 private:
  void recall();
  void take_signed(const SignedCheckpoint& newest);
  [[nodiscard]] bool take_cosigned(const SignedCheckpoint& checkpoint, std::string_view lines);
  void publish(const SignedCheckpoint& newest) RUNLEDGER_REQUIRES(publishing_);
  using Place = std::optional<CheckpointStanding> PublishedCheckpoints::*;
  void note_handed_out(Place place, const SignedCheckpoint& checkpoint);
  void note_cosignatures(const std::string& note, std::uint64_t size);
  [[nodiscard]] std::optional<SignedCheckpoint> published() const;
  void write_file(const std::string& note) const;

  const EventLog& log_;
  const CheckpointOptions options_;
  OperationsLog& to_;
  Mutex publishing_;  // Held from the choice of a checkpoint until it is everywhere. Taken before `mutex_`.
  mutable Mutex mutex_;
  std::optional<CheckpointStanding> standing_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<CheckpointStanding> in_postgres_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<CheckpointStanding> in_file_ RUNLEDGER_GUARDED_BY(mutex_);
  std::vector<WitnessStanding> cosigned_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<SignedCheckpoint> published_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<CheckpointArchive> archive_;
  std::optional<Witnesses> witnesses_;
  std::optional<CheckpointKeeper> keeper_;  // Last, because it calls take_signed().
};

}  // namespace runledger
