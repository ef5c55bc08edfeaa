// The made-up workspaces, tenants and policies of `runledger seed`, in Postgres.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/values/names.h"
#include "ledger/values/uuid.h"
#include "projections/postgres/mirror_options.h"

namespace runledger {

struct DemoWorkspace {
  Workspace id;
  std::string name;
};

struct DemoTenant {
  Scope scope;  // Has a tenant.
  std::string name;
};

struct DemoPolicy {
  Scope scope;  // Has a tenant.
  std::string id;
  std::string name;
  std::string type;
};

struct DemoRows {
  std::vector<DemoWorkspace> workspaces;
  std::vector<DemoTenant> tenants;
  std::vector<DemoPolicy> policies;
};

// The numbers of rows that were added, because they did not exist before.
struct DemoRowsAdded {
  std::string schema;  // Which has the tables.
  std::uint64_t workspaces = 0;
  std::uint64_t tenants = 0;
  std::uint64_t policies = 0;
};

// Adds the missing rows in one transaction, in the schema of the mirror; existing rows stay as they are. Creates the
// schema and the tables when they are missing. Every new tenant gets a random UUID (version 4) as its external id, and
// `graph_tenant_id`, which may be absent. `ledger` is the one whose mirror it is, if the caller knows it. Throws
// Failure "seed.tables_taken" when tables of these names exist that are not the demo's, and as PostgresConnection does.
[[nodiscard]] DemoRowsAdded add_demo_rows(const MirrorOptions& options, const std::optional<LedgerId>& ledger,
                                          const DemoRows& rows, const std::optional<std::string>& graph_tenant_id);

}  // namespace runledger
