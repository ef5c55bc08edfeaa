// The erasure of what a tenant has written, from the look at its active runs to the destruction of its keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "ledger/ledger.h"
#include "projections/rows/store.h"

namespace runledger {

// How the rows and the mirror follow the log, which depends on who has the ledger open.
struct ErasureSteps {
  std::function<void()> follow_rows;  // Returns once the rows have every event of the log.
  // Returns whether the mirror has every event up to this position. Empty: there is none.
  std::function<bool(Sequence)> follow_mirror = {};
};

struct TenantErasure {
  Sequence at;                       // The event that says so.
  std::uint64_t cancelled_runs = 0;  // Those that were active, and were cancelled first.
  std::size_t keys_destroyed = 0;    // More than one if it completed erasures before it, too.
  bool mirror_erased = false;
};

enum class ActiveRuns { kRefuse, kCancel };

// Erases; `asked.seen` is not used. Completes an erasure of the tenant that was interrupted, instead of beginning
// another. Throws Refused: "erase.active_runs", "erase.nothing", "seal.not_sealed", "seal.keys_missing", and
// "scope.changed" when commands of the tenant keep coming; Failure: "erase.in_use" when the erasure is recorded, but
// can be completed only later, and as Ledger, RowStore and the steps do.
TenantErasure erase_tenant(Ledger& ledger, const RowStore& rows, const EraseContent& asked, ActiveRuns active,
                           const ErasureSteps& steps);

}  // namespace runledger
