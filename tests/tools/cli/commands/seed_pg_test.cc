// `runledger seed` through the program: into Postgres and the ledger, with and without a daemon, killed and repeated.
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
  // Of tenants, how many have an external id that is no random UUID (RFC 4122, version 4).
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
  EXPECT_EQ(24, first.at("runs_added"));
  EXPECT_EQ(4, first.at("postgres").at("tenants_added"));
  EXPECT_EQ("4", psql(dsn, "select count(*)::text from tenants"));
  EXPECT_EQ("16", psql(dsn, "select count(*)::text from policies"));
  const std::string ids = external_ids();
  const json stats = ledger.json({"stats"});
  EXPECT_EQ(24, stats.at("runs"));

  const json second = ledger.json({"seed", "--postgres", dsn});
  EXPECT_EQ(24, second.at("runs"));
  EXPECT_EQ(0, second.at("runs_added"));
  EXPECT_EQ(0, second.at("postgres").at("tenants_added"));
  EXPECT_EQ(ids, external_ids());
  EXPECT_EQ(stats, ledger.json({"stats"}));
  EXPECT_EQ(true, ledger.json({"verify"}).at("ok"));
}

TEST_F(SeedCommand, ExternalIdsAreRandomAlsoWhereTheEnvironmentNamesADirectory) {
  const std::string directory = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";  // Of version 1.
  ledger.json({"seed", "--postgres", dsn, "--tenants", "5"}, directory_is(directory));
  EXPECT_EQ("0", other_ids());
  EXPECT_EQ("10", psql(dsn, "select count(distinct external_id)::text from tenants"));
  EXPECT_EQ("10", psql(dsn, "select count(*)::text from tenants where graph_tenant_id = '" + directory + "'"));
  const std::string ids = external_ids();
  ledger.json({"seed", "--postgres", dsn, "--tenants", "6"}, directory_is("contoso.onmicrosoft.com"));
  EXPECT_EQ("0", other_ids());
  EXPECT_EQ("10", psql(dsn, "select count(*)::text from tenants where graph_tenant_id = '" + directory + "'"));
  EXPECT_EQ("2", psql(dsn, "select count(*)::text from tenants where graph_tenant_id = 'contoso.onmicrosoft.com'"));
  EXPECT_THAT(external_ids(), Not(HasSubstr(directory)));
}

TEST_F(SeedCommand, ADirectoryThatIsNoneIsRefusedAndNotShown) {
  const std::string secret = "hunter2 hunter2";
  const ProgramResult result = ledger.run({"seed", "--postgres", dsn}, directory_is(secret));
  EXPECT_EQ("2 graph_tenant_id.invalid", failure(result));
  EXPECT_THAT(result.err, Not(HasSubstr("hunter2")));
}

TEST_F(SeedCommand, WithoutPostgresItMakesRunsOnly) {
  const json seeded = ledger.json({"seed", "--workspaces", "1", "--runs", "6"}, directory_is("not looked at!"));
  EXPECT_EQ(12, seeded.at("runs_added"));
  EXPECT_TRUE(seeded.at("postgres").is_null());
}

TEST_F(SeedCommand, RefusesSizesThatMakeNoSense) {
  EXPECT_EQ("2 workspaces.invalid", failure(ledger.run({"seed", "--workspaces", "0"})));
  EXPECT_EQ("2 runs.invalid", failure(ledger.run({"seed", "--runs", "1001"})));
  EXPECT_EQ("2 usage", failure(ledger.run({"seed", "--workspaces", "100", "--tenants", "100", "--runs", "100"})));
  EXPECT_EQ("2 usage", failure(ledger.run({"seed", "--schema", "demo"})));
  psql(dsn, "create table policies (id int)");
  EXPECT_EQ("2 seed.tables_taken", failure(ledger.run({"seed", "--postgres", dsn})));
  EXPECT_EQ(0, ledger.run({"seed", "--postgres", dsn, "--schema", "demo"}).status);
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
  EXPECT_EQ(128 + SIGKILL, killed.wait().status) << "it was still at work";
  const std::string ids = external_ids();

  const json repeated = ledger.json(seed);
  EXPECT_LT(repeated.at("runs_added"), 300 - 19);
  EXPECT_EQ(0, repeated.at("postgres").at("tenants_added"));
  EXPECT_EQ(ids, external_ids());
  EXPECT_EQ(0, ledger.json(seed).at("runs_added"));
  daemon->signal(SIGTERM);
  EXPECT_EQ(0, daemon->wait().status);
  const json stats = ledger.json({"stats"});
  EXPECT_EQ(json({{"completed", 250}, {"queued", 50}}), stats.at("by_status"));
  EXPECT_EQ(true, ledger.json({"verify"}).at("ok"));
}

}  // namespace
}  // namespace runledger
