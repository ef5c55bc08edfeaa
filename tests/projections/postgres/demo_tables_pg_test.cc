// The demo's tables in a real Postgres.
#include "projections/postgres/demo_tables.h"

#include <gtest/gtest.h>

#include <thread>

#include "ledger/base/failure.h"
#include "projections/postgres/mirror.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

DemoRows rows_of(std::initializer_list<const char*> tenants) {
  DemoRows rows;
  rows.workspaces.push_back({examples::workspace(), "Acme"});
  for (const char* tenant : tenants) {
    rows.tenants.push_back({examples::scope(tenant), "It's a tenant"});
    rows.policies.push_back(
        {.scope = examples::scope(tenant), .id = "p-1", .name = "Policy", .type = "deviceCompliance"});
  }
  return rows;
}

class DemoTables : public testing::Test {
 protected:
  DemoRowsAdded add(const DemoRows& rows, const std::optional<std::string>& graph_tenant_id = {},
                    const std::string& schema = "runledger") const {
    return add_demo_rows({.dsn = dsn, .schema = schema}, std::nullopt, rows, graph_tenant_id);
  }
  [[nodiscard]] std::string ids() const {
    return psql(dsn, "select string_agg(external_id::text, ',' order by id) from tenants");
  }
  // Returns the ids that are not of version 4 (RFC 4122, 4.4).
  [[nodiscard]] std::string other_ids() const {
    return psql(dsn,
                "select count(*)::text from tenants where external_id::text !~"
                " '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'");
  }

  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(DemoTables, ASecondTimeAddsNothingAndChangesNoId) {
  const DemoRowsAdded first = add(rows_of({"north", "south"}));
  EXPECT_EQ(first.workspaces, 1U);
  EXPECT_EQ(first.tenants, 2U);
  EXPECT_EQ(first.policies, 2U);
  const std::string before = ids();
  const DemoRowsAdded second = add(rows_of({"north", "south", "west"}));
  EXPECT_EQ(second.workspaces, 0U);
  EXPECT_EQ(second.tenants, 1U);
  EXPECT_EQ(second.policies, 1U);
  EXPECT_EQ(before, ids().substr(0, before.size()));
  EXPECT_EQ(other_ids(), "0");
}

TEST_F(DemoTables, AnExternalIdIsRandomWhateverTheDirectoryIs) {
  const std::string directory = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";
  (void)add(rows_of({"north", "south"}), directory);
  EXPECT_EQ(psql(dsn, "select count(*)::text from tenants where graph_tenant_id = '" + directory + "'"), "2");
  EXPECT_EQ(psql(dsn, "select count(distinct external_id)::text from tenants"), "2");
  EXPECT_EQ(ids().find(directory), std::string::npos);
  EXPECT_EQ(other_ids(), "0");
}

TEST_F(DemoTables, TheTableItselfRefusesAnIdThatIsNotRandom) {
  (void)add(rows_of({"north"}));
  EXPECT_ANY_THROW(psql(dsn, "update tenants set external_id = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'"));
}

TEST_F(DemoTables, TablesOfAnApplicationAreNotTouched) {
  psql(dsn, "create schema runledger; create table tenants (id int)");
  EXPECT_EQ(failure_of([&] { return add(rows_of({"north"})); }).code, "seed.tables_taken");
  EXPECT_EQ(psql(dsn, "select count(*)::text from tenants"), "0");
  EXPECT_EQ(psql(dsn, "select (to_regclass('workspaces') is null)::text::char"), "t");
  EXPECT_EQ(add(rows_of({"north"}), {}, "demo").tenants, 1U) << "the demo makes the schema";
}

TEST_F(DemoTables, TheMirrorHasNoneOfThem) {
  MirrorWorld world;
  Mirror(world.log(), {.dsn = dsn}).open(std::chrono::seconds(30));
  EXPECT_EQ(psql(dsn, "select (to_regclass('tenants') is null)::text::char"), "t");
}

TEST_F(DemoTables, TwoThatSeedAtOnceAddEachRowOnce) {
  std::vector<std::thread> seeders;
  std::vector<DemoRowsAdded> added(4);
  for (DemoRowsAdded& each : added) seeders.emplace_back([&] { each = add(rows_of({"north", "south"}), {}, "fresh"); });
  for (std::thread& seeder : seeders) seeder.join();
  std::uint64_t tenants = 0;
  for (const DemoRowsAdded& each : added) tenants += each.tenants;
  EXPECT_EQ(tenants, 2U);
  EXPECT_EQ(psql(dsn, "select count(*)::text from fresh.policies"), "2");
}

}  // namespace
}  // namespace runledger
