// Demo data: made-up workspaces, tenants, policies, and runs that have come to every kind of end.
#pragma once

#include <cstdint>

#include "ledger/client.h"
#include "projections/postgres/demo_tables.h"
#include "projections/reader/ledger_reader.h"

namespace runledger {

struct SeedSizes {
  std::uint64_t workspaces = 2;
  std::uint64_t tenants = 2;   // A workspace.
  std::uint64_t policies = 4;  // A tenant.
  std::uint64_t runs = 6;      // A tenant.
};

// The same of the same sizes; of larger ones the same and more. Workspaces "demo-1", "demo-2" …, tenants "tenant-1" …,
// policies "policy-1" ….
[[nodiscard]] DemoRows demo_rows(const SeedSizes& sizes);

struct SeededRuns {
  std::uint64_t planned = 0;
  std::uint64_t added = 0;  // Were not there before.
};

// Asks for the runs that are missing and brings those to their end that are meant to have one; each sixth stays queued.
// A run is known by its id, which is made of its tenant and number: what has ended is never touched again, what an
// earlier seeding has left half done is completed, and what another worker has taken is left to it. The rejection is
// what the ledger refused; what was done until then stays. Throws as `reader` and `client` do, and "outcome.unknown".
[[nodiscard]] Result<SeededRuns> seed_runs(LedgerReader& reader, LedgerClient& client, const SeedSizes& sizes,
                                           const Progress& progress = {});

}  // namespace runledger
