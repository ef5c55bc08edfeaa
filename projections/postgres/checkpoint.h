// The checkpoint of the mirror: its line of ledger_projections.
#pragma once

#include <optional>
#include <pqxx/transaction_base>
#include <string>

#include "ledger/log/event_log.h"

namespace runledger {

struct MirrorCheckpoint {
  std::string ledger;  // The id of the ledger, in the form of format_uuid().
  int revision = 0;    // OperationRun::kRevision of the program that wrote the rows.
  Sequence sequence;   // operation_runs and operation_run_attempts = fold(events 1..sequence).
  // The roots of the tree over these events, in hex. Absent when an older program wrote the line, which then says
  // nothing about the history that the rows are of.
  std::optional<std::string> roots;
  // OperationRunAttempt::kRevision of the program that wrote the attempts. Absent until a projector has filled their
  // table.
  std::optional<int> attempts_revision;
  friend bool operator==(const MirrorCheckpoint&, const MirrorCheckpoint&) = default;
};

// Reads the checkpoint. Absent when nothing was ever mirrored here, or when someone removed the line or its table.
[[nodiscard]] std::optional<MirrorCheckpoint> read_checkpoint(pqxx::transaction_base& transaction);

// The checkpoint of rows that this program folds from the events of `tree`.
[[nodiscard]] MirrorCheckpoint checkpoint_after(LedgerId ledger, const MerkleFrontier& tree);

// Moves the checkpoint by compare-and-set. Throws Failure "mirror.busy" when it is no longer `from`, because another
// projector is at work. Requires that both have roots.
void move_checkpoint(pqxx::transaction_base& transaction, const MirrorCheckpoint& from, const MirrorCheckpoint& to);

// Whether the attempts are those of the fold of this program. If not, they are to be filled.
[[nodiscard]] bool has_attempts(const MirrorCheckpoint& checkpoint);

// Sets the checkpoint whatever it was. For a mirror that is new or has been rebuilt. Requires roots.
void put_checkpoint(pqxx::transaction_base& transaction, const MirrorCheckpoint& checkpoint);

// Returns the tree over the events up to the checkpoint; absent when it has no roots. Throws Failure
// "mirror.other_history" when the roots cannot be those of so many events.
[[nodiscard]] std::optional<MerkleFrontier> tree_of(const MirrorCheckpoint& checkpoint);

// Checks that the mirror belongs to this ledger, and that the log goes on from the events of the mirror, for which it
// reads the events after the checkpoint. Throws Failure "mirror.other_ledger"; "mirror.ahead" when the checkpoint is
// past the end of the log; "mirror.other_history" when the log has other events up to the checkpoint; and
// "storage.damaged" as extend_tree() does. A checkpoint without roots passes: see check_history_known().
void check_belongs(const MirrorCheckpoint& checkpoint, const EventLog& log);

// Check that events can be folded onto the rows: that a fold of this revision wrote them, and that it is known from
// which history. Throw Failure "mirror.other_revision".
void check_revision(const MirrorCheckpoint& checkpoint);
void check_history_known(const MirrorCheckpoint& checkpoint);

}  // namespace runledger
