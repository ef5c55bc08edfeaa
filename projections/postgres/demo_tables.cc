// One statement a table; the rows travel as one JSON parameter.
#include "projections/postgres/demo_tables.h"

#include <nlohmann/json.hpp>
#include <pqxx/result>
#include <pqxx/transaction>

#include "ledger/base/failure.h"
#include "ledger/values/uuid.h"
#include "projections/postgres/connection.h"
#include "projections/postgres/migrations.h"
#include "schema/embedded.h"

namespace runledger {
namespace {

using nlohmann::json;

// How many of the tables there are, and how many of those the demo has made.
constexpr const char* kTablesQuery =
    "select count(*), count(*) filter (where obj_description(to_regclass(name), 'pg_class') ="
    " 'Demo data of runledger seed') from unnest(array['workspaces', 'tenants', 'policies']) name"
    " where to_regclass(name) is not null";
constexpr int kTables = 3;

constexpr const char* kAddWorkspaces =
    "insert into workspaces (id, name) select id, name from jsonb_to_recordset($1::jsonb) as r(id text, name text)"
    " on conflict (id) do nothing";
constexpr const char* kAddTenants =
    "insert into tenants (workspace_id, id, name, external_id, graph_tenant_id)"
    " select workspace_id, id, name, external_id, graph_tenant_id from jsonb_to_recordset($1::jsonb)"
    " as r(workspace_id text, id text, name text, external_id uuid, graph_tenant_id text)"
    " on conflict (workspace_id, id) do nothing";
constexpr const char* kAddPolicies =
    "insert into policies (workspace_id, tenant_id, id, name, type)"
    " select workspace_id, tenant_id, id, name, type from jsonb_to_recordset($1::jsonb)"
    " as r(workspace_id text, tenant_id text, id text, name text, type text)"
    " on conflict (workspace_id, tenant_id, id) do nothing";

json workspaces_json(const std::vector<DemoWorkspace>& workspaces) {
  json rows = json::array();
  for (const DemoWorkspace& each : workspaces) rows.push_back({{"id", each.id.str()}, {"name", each.name}});
  return rows;
}

json tenants_json(const std::vector<DemoTenant>& tenants, const std::optional<std::string>& graph_tenant_id) {
  json rows = json::array();
  for (const DemoTenant& each : tenants) {
    rows.push_back({{"workspace_id", each.scope.workspace.str()},
                    {"id", each.scope.tenant->str()},
                    {"name", each.name},
                    {"external_id", format_uuid(random_uuid())},
                    {"graph_tenant_id", graph_tenant_id ? json(*graph_tenant_id) : json(nullptr)}});
  }
  return rows;
}

json policies_json(const std::vector<DemoPolicy>& policies) {
  json rows = json::array();
  for (const DemoPolicy& each : policies) {
    rows.push_back({{"workspace_id", each.scope.workspace.str()},
                    {"tenant_id", each.scope.tenant->str()},
                    {"id", each.id},
                    {"name", each.name},
                    {"type", each.type}});
  }
  return rows;
}

void make_tables(pqxx::transaction_base& transaction, std::string_view schema) {
  const pqxx::row found = transaction.exec1(kTablesQuery);
  const int all = found[0].as<int>();
  const int ours = found[1].as<int>();
  if (all == 0) {
    transaction.exec0(std::string(embedded::kDemoTablesSql));
  } else if (ours != kTables) {
    throw Failure(Remedy::kCorrectInput, "seed.tables_taken",
                  "schema " + std::string(schema) +
                      ": expected the demo's own tables workspaces, tenants and policies, or none of these names, "
                      "found others; choose another schema");
  }
}

std::uint64_t add(pqxx::transaction_base& transaction, const char* statement, const json& rows) {
  return static_cast<std::uint64_t>(transaction.exec_params(statement, rows.dump()).affected_rows());
}

}  // namespace

DemoRowsAdded add_demo_rows(std::string_view dsn, std::string_view schema, const DemoRows& rows,
                            const std::optional<std::string>& graph_tenant_id) {
  PostgresConnection connection(dsn, schema, PostgresUse::kWrite);
  return connection.guarded([&](pqxx::connection& raw) {
    pqxx::work transaction(raw);
    // Two that seed at once would both make schema and tables.
    transaction.exec_params("select pg_advisory_xact_lock(hashtextextended('runledger.seed in ' || $1, 0))",
                            std::string(schema));
    make_schema(transaction, schema);
    make_tables(transaction, schema);
    DemoRowsAdded added;
    added.workspaces = add(transaction, kAddWorkspaces, workspaces_json(rows.workspaces));
    added.tenants = add(transaction, kAddTenants, tenants_json(rows.tenants, graph_tenant_id));
    added.policies = add(transaction, kAddPolicies, policies_json(rows.policies));
    transaction.commit();
    return added;
  });
}

}  // namespace runledger
