// The kinds of events that happen to the ledger itself: of no run (the id is zero) and no scope (the workspace has no
// name), and numbered there.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger/secrets/sanitized_text.h"
#include "ledger/values/names.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"

namespace runledger {

// The ledger was restored from a backup and goes on as its own successor: the events after the backup are lost.
struct Restored {
  std::uint64_t skipped = 0;  // By how much the number of each scope's next event moves on (LedgerEvents).
  Sequence outside_mark;      // The last event that anything outside of the backup named; zero: nothing was asked.
  Time backup_made_at;        // By the clock of the machine that made it.
  friend bool operator==(const Restored&, const Restored&) = default;
};

// The content of a tenant's events so far was erased: their keys are destroyed, and with them what was sealed.
struct Erased {
  Scope scope;                      // With a tenant.
  SanitizedText reason;             // In the words of the operator who asked for it.
  std::vector<std::uint64_t> keys;  // The ids of the keys (SealKeyId).
  friend bool operator==(const Erased&, const Erased&) = default;
};

}  // namespace runledger
