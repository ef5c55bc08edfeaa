// The checkpoint of the mirror: its line of ledger_projections.
#pragma once

#include <optional>
#include <pqxx/transaction_base>
#include <string>

#include "ledger/values/sequence.h"
#include "ledger/values/uuid.h"

namespace runledger {

struct MirrorCheckpoint {
  std::string ledger;  // The id of the ledger, in the form of format_uuid().
  int revision = 0;    // OperationRun::kRevision of the program that wrote the rows.
  Sequence sequence;   // operation_runs = fold(events 1..sequence).
  friend bool operator==(const MirrorCheckpoint&, const MirrorCheckpoint&) = default;
};

// Reads the checkpoint. Absent when nothing was ever mirrored here, or when someone removed the line or its table.
[[nodiscard]] std::optional<MirrorCheckpoint> read_checkpoint(pqxx::transaction_base& transaction);

// Moves the checkpoint by compare-and-set. Throws Failure "mirror.busy" when it is no longer at `from`, because another
// projector is at work.
void move_checkpoint(pqxx::transaction_base& transaction, LedgerId ledger, Sequence from, Sequence to);

// Sets the checkpoint whatever it was, with the revision of this program. For a mirror that is new or has been rebuilt.
void put_checkpoint(pqxx::transaction_base& transaction, LedgerId ledger, Sequence sequence);

// Checks that the mirror belongs to this ledger, whose log ends at `last`. Throws Failure "mirror.other_ledger", or
// "mirror.ahead" when the checkpoint is past the end of the log.
void check_belongs(const MirrorCheckpoint& checkpoint, LedgerId ledger, Sequence last);

// Checks that rows of this revision can be written. Throws Failure "mirror.other_revision".
void check_revision(const MirrorCheckpoint& checkpoint);

}  // namespace runledger
