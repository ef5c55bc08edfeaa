// Adds the rows with one statement per table. The rows travel as one JSON parameter.
#include "projections/postgres/demo_tables.h"

#include <pqxx/result>
#include <pqxx/transaction>

#include "ledger/base/failure.h"
#include "ledger/values/json_writer.h"
#include "ledger/values/uuid.h"
#include "projections/postgres/migrations.h"
#include "projections/postgres/mirror_schema.h"
#include "schema/embedded.h"

namespace runledger {
namespace {

// The number of the tables that exist, and how many of them the demo created.
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

// An array with one object per row; `write` adds the members of a row.
template <class Row, class Write>
std::string rows_json(const std::vector<Row>& rows, const Write& write) {
  JsonWriter out;
  out.begin_array();
  for (const Row& row : rows) {
    out.begin_object();
    write(out, row);
    out.end_object();
  }
  out.end_array();
  return out.take();
}

std::string workspaces_json(const std::vector<DemoWorkspace>& workspaces) {
  return rows_json(workspaces, [](JsonWriter& out, const DemoWorkspace& each) {
    out.member("id", each.id.str()).member("name", each.name);
  });
}

std::string tenants_json(const std::vector<DemoTenant>& tenants, const std::optional<std::string>& graph_tenant_id) {
  return rows_json(tenants, [&](JsonWriter& out, const DemoTenant& each) {
    out.member("workspace_id", each.scope.workspace.str()).member("id", each.scope.tenant->str());
    out.member("name", each.name).member("external_id", format_uuid(random_uuid()));
    out.member("graph_tenant_id", graph_tenant_id);
  });
}

std::string policies_json(const std::vector<DemoPolicy>& policies) {
  return rows_json(policies, [](JsonWriter& out, const DemoPolicy& each) {
    out.member("workspace_id", each.scope.workspace.str()).member("tenant_id", each.scope.tenant->str());
    out.member("id", each.id).member("name", each.name).member("type", each.type);
  });
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
                      "found others; name another schema with --schema");
  }
}

std::uint64_t add(pqxx::transaction_base& transaction, const char* statement, const std::string& rows) {
  return static_cast<std::uint64_t>(transaction.exec_params(statement, rows).affected_rows());
}

}  // namespace

DemoRowsAdded add_demo_rows(const MirrorOptions& options, const std::optional<LedgerId>& ledger, const DemoRows& rows,
                            const std::optional<std::string>& graph_tenant_id) {
  const auto connection = connect_to_mirror(options, ledger, PostgresUse::kWrite);
  const std::string& schema = connection->schema();
  return connection->guarded([&](pqxx::connection_base& raw) {
    pqxx::work transaction(raw);
    // The lock keeps two seeds at the same time from both creating the schema and the tables.
    transaction.exec_params("select pg_advisory_xact_lock(hashtextextended('runledger.seed in ' || $1, 0))", schema);
    make_schema(transaction, schema);
    make_tables(transaction, schema);
    DemoRowsAdded added{.schema = schema};
    added.workspaces = add(transaction, kAddWorkspaces, workspaces_json(rows.workspaces));
    added.tenants = add(transaction, kAddTenants, tenants_json(rows.tenants, graph_tenant_id));
    added.policies = add(transaction, kAddPolicies, policies_json(rows.policies));
    transaction.commit();
    return added;
  });
}

}  // namespace runledger
