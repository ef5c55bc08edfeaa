// Runs `runledger seed` through the program: into Postgres and the ledger, with and without a daemon, killed and
// repeated.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "clients/cpp/connect.h"
#include "projections/reader/ledger_reader.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class SeedCommand : public testing::Test {
 protected:
  // Returns the number of tenants whose external id is not a random UUID (RFC 4122, version 4).
  [[nodiscard]] std::string other_ids() const {
    return psql(dsn,
                "select count(*)::text from tenants where external_id::text !~"
                " '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'");
  }
  [[nodiscard]] std::string external_ids() const {
    return psql(dsn, "select string_agg(external_id::text, ',' order by workspace_id, id) from tenants");
  }
  static ProgramOptions directory_is(const std::string& id) {
    ProgramOptions options;
    options.environment["GRAPH_TENANT_ID"] = id;
    return options;
  }

  CliLedger ledger;
  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(SeedCommand, FillsPostgresAndTheLedgerOnce) {
  const json first = ledger.json({"seed", "--postgres", dsn});
  EXPECT_EQ(first.at("runs_added"), 24);
  EXPECT_EQ(first.at("postgres").at("schema"), "runledger");
  EXPECT_EQ(first.at("postgres").at("tenants_added"), 4);
  EXPECT_EQ(psql(dsn, "select count(*)::text from tenants"), "4");
  EXPECT_EQ(psql(dsn, "select count(*)::text from policies"), "16");
  const std::string ids = external_ids();
  const json stats = ledger.json({"stats"});
  EXPECT_EQ(stats.at("runs"), 24);

  const json second = ledger.json({"seed", "--postgres", dsn});
  EXPECT_EQ(second.at("runs"), 24);
  EXPECT_EQ(second.at("runs_added"), 0);
  EXPECT_EQ(second.at("postgres").at("tenants_added"), 0);
  EXPECT_EQ(ids, external_ids());
  EXPECT_EQ(stats, ledger.json({"stats"}));
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(SeedCommand, ExternalIdsAreRandomAlsoWhereTheEnvironmentNamesADirectory) {
  const std::string directory = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";  // This UUID is of version 1.
  ledger.json({"seed", "--postgres", dsn, "--tenants", "5"}, directory_is(directory));
  EXPECT_EQ(other_ids(), "0");
  EXPECT_EQ(psql(dsn, "select count(distinct external_id)::text from tenants"), "10");
  EXPECT_EQ(psql(dsn, "select count(*)::text from tenants where graph_tenant_id = '" + directory + "'"), "10");
  const std::string ids = external_ids();
  ledger.json({"seed", "--postgres", dsn, "--tenants", "6"}, directory_is("contoso.onmicrosoft.com"));
  EXPECT_EQ(other_ids(), "0");
  EXPECT_EQ(psql(dsn, "select count(*)::text from tenants where graph_tenant_id = '" + directory + "'"), "10");
  EXPECT_EQ(psql(dsn, "select count(*)::text from tenants where graph_tenant_id = 'contoso.onmicrosoft.com'"), "2");
  EXPECT_THAT(external_ids(), Not(HasSubstr(directory)));
}

TEST_F(SeedCommand, ADirectoryThatIsNoneIsRefusedAndNotShown) {
  const std::string secret = "hunter2 hunter2";
  const ProgramResult result = ledger.run({"seed", "--postgres", dsn}, directory_is(secret));
  EXPECT_EQ(failure(result), "2 graph_tenant_id.invalid");
  EXPECT_THAT(result.err, Not(HasSubstr("hunter2")));
}

TEST_F(SeedCommand, WithoutPostgresItMakesRunsOnly) {
  const json seeded = ledger.json({"seed", "--workspaces", "1", "--runs", "6"}, directory_is("not looked at!"));
  EXPECT_EQ(seeded.at("runs_added"), 12);
  EXPECT_TRUE(seeded.at("postgres").is_null());
}

TEST_F(SeedCommand, RefusesSizesThatMakeNoSense) {
  EXPECT_EQ(failure(ledger.run({"seed", "--workspaces", "0"})), "2 workspaces.invalid");
  EXPECT_EQ(failure(ledger.run({"seed", "--runs", "1001"})), "2 runs.invalid");
  EXPECT_EQ(failure(ledger.run({"seed", "--workspaces", "100", "--tenants", "100", "--runs", "100"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"seed", "--schema", "demo"})), "2 usage");
  psql(dsn, "create schema runledger; create table runledger.policies (id int)");
  EXPECT_EQ(failure(ledger.run({"seed", "--postgres", dsn})), "2 seed.tables_taken");
  EXPECT_EQ(ledger.run({"seed", "--postgres", dsn, "--schema", "demo"}).status, 0);
}

TEST_F(SeedCommand, ThatWasKilledCompletesWhenItIsRepeated) {
  auto daemon = std::make_unique<Program>(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon->wait_for_output("\"listening\""));
  const Arguments seed{"seed", "--postgres", dsn, "--workspaces", "1", "--tenants", "1", "--runs", "300"};
  const auto reader = remote_reader(connect_link({.socket = ledger.data() / "socket", .token = {}}));
  RunFilter demo;
  demo.workspace = examples::workspace("demo-1");
  Program killed(ledger.command(seed));
  while (reader->list(demo, 20, "")->rows.size() < 20) {
  }
  killed.signal(SIGKILL);
  EXPECT_EQ(killed.wait().status, 128 + SIGKILL) << "it was still working";
  const std::string ids = external_ids();

  const json repeated = ledger.json(seed);
  EXPECT_LT(repeated.at("runs_added"), 300 - 19);
  EXPECT_EQ(repeated.at("postgres").at("tenants_added"), 0);
  EXPECT_EQ(ids, external_ids());
  EXPECT_EQ(ledger.json(seed).at("runs_added"), 0);
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
  const json stats = ledger.json({"stats"});
  EXPECT_EQ(stats.at("by_status"), json({{"completed", 250}, {"queued", 50}}));
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

}  // namespace
}  // namespace runledger
