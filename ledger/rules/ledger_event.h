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

// The ledger was made of the first events of a damaged one, and goes on as its successor: the later events are lost.
struct Recovered {
  std::uint64_t skipped = 0;  // As of Restored.
  Sequence outside_mark;      // The newest event that anything had named: the damaged ledger's files, or outside of it.
  std::uint64_t kept = 0;     // The events before this one, which are the first of the damaged ledger.
  std::uint64_t given_up = 0;  // Of the lost events, how many could be read, though not all before them.
  SanitizedText damage;        // What ended the kept events, as `recover` found it.
  friend bool operator==(const Recovered&, const Recovered&) = default;
};

// The content of a tenant's events so far was erased: their keys are destroyed, and with them what was sealed.
struct Erased {
  Scope scope;                      // With a tenant.
  SanitizedText reason;             // In the words of the operator who asked for it.
  std::vector<std::uint64_t> keys;  // The ids of the keys (SealKeyId).
  friend bool operator==(const Erased&, const Erased&) = default;
};

}  // namespace runledger
