// Where the mirror stands: its line of ledger_projections.
#pragma once

#include <optional>
#include <pqxx/transaction_base>
#include <string>

#include "ledger/values/sequence.h"
#include "ledger/values/uuid.h"

namespace runledger {

struct MirrorCheckpoint {
  std::string ledger;  // The ledger's id, in the form of format_uuid.
  int revision = 0;    // OperationRun::kRevision of the program that wrote the rows.
  Sequence sequence;   // operation_runs = fold(events 1..sequence).
  friend bool operator==(const MirrorCheckpoint&, const MirrorCheckpoint&) = default;
};

// Absent: nothing was ever mirrored here, or somebody removed it or its table.
[[nodiscard]] std::optional<MirrorCheckpoint> read_checkpoint(pqxx::transaction_base& transaction);

// Compare-and-set. Throws Failure "mirror.busy" when the checkpoint no longer stands at `from`: another projector is at
// work.
void move_checkpoint(pqxx::transaction_base& transaction, LedgerId ledger, Sequence from, Sequence to);

// Sets it whatever it was, with the revision of this program. For a mirror that is new or has been rebuilt.
void put_checkpoint(pqxx::transaction_base& transaction, LedgerId ledger, Sequence sequence);

// Throws Failure "mirror.other_ledger" or "mirror.ahead" (of a log that ends at `last`).
void check_belongs(const MirrorCheckpoint& checkpoint, LedgerId ledger, Sequence last);

// Throws Failure "mirror.other_revision".
void check_revision(const MirrorCheckpoint& checkpoint);

}  // namespace runledger
