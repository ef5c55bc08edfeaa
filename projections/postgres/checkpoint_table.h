// Signed checkpoints of a ledger in Postgres, beside its mirror: what the log must extend, out of reach of whoever can
// only change the ledger's directory.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ledger/base/mutex.h"
#include "ledger/evidence/checkpoint_keeper.h"
#include "ledger/values/uuid.h"
#include "projections/postgres/connection.h"
#include "projections/postgres/mirror_options.h"

namespace runledger {

// A line of the table, as it is: nothing in it has been checked.
struct StoredCheckpoint {
  std::string note;
  std::string verifier_key;
  std::string signed_at;  // The time of Postgres, for people.
};

// Adds the checkpoint, or its note in the place of that of the same tree, and thins out the ledger's earlier ones: of
// the last day it keeps the newest of each minute, and of every day before the newest of the day (UTC). A checkpoint is
// only removed for one of more events. Requires the table.
void store_checkpoint(pqxx::transaction_base& transaction, LedgerId ledger, const SignedCheckpoint& checkpoint);

// How far the stored checkpoints of a ledger have come.
struct CheckpointTableEnd {
  std::uint64_t size = 0;      // Of the largest.
  std::string schema;          // Which has the table.
  std::chrono::seconds age{};  // Since it was first stored, by the clock of Postgres.
};
// Absent when the database has no table, or no checkpoint of the ledger in it. Throws as PostgresConnection does.
[[nodiscard]] std::optional<CheckpointTableEnd> read_checkpoint_end(const MirrorOptions& options, LedgerId ledger);

// Returns the checkpoints of every ledger, those of fewer events first. Requires the table.
[[nodiscard]] std::vector<StoredCheckpoint> read_checkpoints(pqxx::transaction_base& transaction);
// Returns those of one ledger that are of more events than `after`, in the same order. Requires the table.
[[nodiscard]] std::vector<StoredCheckpoint> read_checkpoints_after(pqxx::transaction_base& transaction, LedgerId ledger,
                                                                   Sequence after);

// Stores the newest checkpoint with a thread and a connection of its own, so that no caller waits for Postgres. While
// Postgres is away it tries again, and only the newest one is stored then. Any thread may use it.
class CheckpointArchive {
 public:
  // Functions that are called on the thread of the archive, or by the destructor. Both must be set; neither may throw.
  struct Listener {
    std::function<void(const SignedCheckpoint& checkpoint)> stored;
    std::function<void(std::string_view code, std::string_view what)> failed;
  };
  CheckpointArchive(MirrorOptions options, LedgerId ledger, Listener listener);
  // Tries once more to store what is not stored yet.
  ~CheckpointArchive();
  CheckpointArchive(const CheckpointArchive&) = delete;
  CheckpointArchive& operator=(const CheckpointArchive&) = delete;

  void store(const SignedCheckpoint& newest);
  // Nothing is stored before this is called: the tables are there, and belong to this ledger.
  void begin();

 private:
  void keep();
  [[nodiscard]] bool write_pending();

  const MirrorOptions options_;
  const LedgerId ledger_;
  const Listener listener_;
  Mutex mutex_;
  Condition changed_;
  bool begun_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  bool stopping_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  std::optional<SignedCheckpoint> pending_ RUNLEDGER_GUARDED_BY(mutex_);
  std::unique_ptr<PostgresConnection>
      connection_;  // Null when lost. Used by the thread, and after it by the destructor.
  std::thread thread_;
};

}  // namespace runledger
