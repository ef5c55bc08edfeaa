// Demo data: invented workspaces, tenants and policies, and runs with every kind of end.
#pragma once

#include <cstdint>

#include "ledger/client.h"
#include "projections/postgres/demo_tables.h"
#include "projections/reader/ledger_reader.h"

namespace runledger {

struct SeedSizes {
  std::uint64_t workspaces = 2;
  std::uint64_t tenants = 2;   // Per workspace.
  std::uint64_t policies = 4;  // Per tenant.
  std::uint64_t runs = 6;      // Per tenant.
};

// Returns the rows for these sizes. Equal sizes give equal rows, and larger sizes add to them. Workspaces are named
// "demo-1", "demo-2" …, tenants "tenant-1" …, policies "policy-1" ….
[[nodiscard]] DemoRows demo_rows(const SeedSizes& sizes);

struct SeededRuns {
  std::uint64_t planned = 0;
  std::uint64_t added = 0;  // Runs that did not exist before.
};

// Requests the demo runs that are missing and brings each to its intended end; every sixth run stays queued. A run is
// identified by its id, which is derived from its tenant and number. So a repeat never touches a run that has ended,
// completes the runs that an earlier, interrupted call left half done, and leaves alone runs that another worker has
// taken. `progress` is called after each run with the runs done and planned; it may be empty. The result is a rejection
// if the ledger refused a command; earlier commands stay done. Throws as `reader` and `client` do, and Failure
// "outcome.unknown".
[[nodiscard]] Result<SeededRuns> seed_runs(LedgerReader& reader, LedgerClient& client, const SeedSizes& sizes,
                                           const Progress& progress = {});

}  // namespace runledger
