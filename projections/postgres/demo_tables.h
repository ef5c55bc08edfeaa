// The made-up workspaces, tenants and policies of runledger seed, in Postgres.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/values/names.h"

namespace runledger {

struct DemoWorkspace {
  Workspace id;
  std::string name;
};

struct DemoTenant {
  Scope scope;  // Of a tenant.
  std::string name;
};

struct DemoPolicy {
  Scope scope;  // Of a tenant.
  std::string id;
  std::string name;
  std::string type;
};

struct DemoRows {
  std::vector<DemoWorkspace> workspaces;
  std::vector<DemoTenant> tenants;
  std::vector<DemoPolicy> policies;
};

// Rows that were not there before.
struct DemoRowsAdded {
  std::uint64_t workspaces = 0;
  std::uint64_t tenants = 0;
  std::uint64_t policies = 0;
};

// Adds what is missing, in one transaction; what is there stays as it is. Makes schema and tables when they are
// missing. Every new tenant gets an external id of its own, a random UUID (version 4), and `graph_tenant_id` beside it.
// `dsn` is never logged. Throws Failure "seed.tables_taken" (tables of these names that are not the demo's), and as
// PostgresConnection does.
[[nodiscard]] DemoRowsAdded add_demo_rows(std::string_view dsn, std::string_view schema, const DemoRows& rows,
                                          const std::optional<std::string>& graph_tenant_id);

}  // namespace runledger
