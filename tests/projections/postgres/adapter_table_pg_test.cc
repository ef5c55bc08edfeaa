// The adapters' records in Postgres: reading them, constraints of the table, and a Postgres that goes away.
#include "projections/postgres/adapter_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using examples::run_id;

class AdapterTable : public testing::Test {
 protected:
  AdapterTable() { Mirror(world.log(), {.dsn = dsn}).open(std::chrono::seconds(30)); }

  // Adds a line as an adapter would. `values` are the values of the columns after run_id.
  void put(RunId run, const std::string& columns, const std::string& values) const {
    psql(dsn, "insert into adapter_runs (run_id, " + columns + ") values ('" + format_uuid(run.value) + "', " + values +
                  ")");
  }
  static std::string code_of(AdapterRecords& records) {
    const SeenFailure failure = failure_of([&] { return records.read(examples::workspace(), {run_id(1)}); });
    return failure.code + (failure.remedy == Remedy::kReconnect ? " reconnect" : "");
  }

  PrivatePostgres postgres;  // A test stops it.
  std::string dsn = postgres.make_database();
  MirrorWorld world;
};

TEST_F(AdapterTable, GivesTheRecordsOfTheRunsThatWereAskedFor) {
  put(run_id(1), "workspace_id, adapter, external_id, attempt, status, started_at, finished_at",
      "'acme', 'graph', 'job-17', 2, 'cancelled', '2026-01-05 07:00:00Z', '2026-01-05 09:00:00.000001+01'");
  put(run_id(2), "workspace_id, adapter, status", "'acme', 'graph', 'running'");
  put(run_id(3), "workspace_id, adapter, status", "'globex', 'graph', 'running'");
  put(run_id(4), "workspace_id, adapter, status", "'acme', 'graph', 'running'");
  const auto records = postgres_adapter_records({.dsn = dsn});
  std::vector<AdapterRecord> found = records->read(examples::workspace(), {run_id(1), run_id(2), run_id(3), run_id(9)});
  ASSERT_EQ(found.size(), 2U) << "only known runs of this workspace that were asked for";
  if (found[0].run != run_id(1)) std::swap(found[0], found[1]);
  EXPECT_EQ(run_id(1), found[0].run);
  EXPECT_EQ(found[0].adapter.str(), "graph");
  EXPECT_EQ(found[0].external_id->str(), "job-17");
  EXPECT_EQ(found[0].attempt, AttemptNumber{2});
  EXPECT_EQ(found[0].status, AdapterStatus::kCancelled);
  EXPECT_EQ(format_time(*found[0].finished_at), "2026-01-05T08:00:00.000001Z");
  EXPECT_EQ(run_id(2), found[1].run);
  EXPECT_EQ(found[1].attempt, AttemptNumber{1});
  EXPECT_FALSE(found[1].external_id || found[1].finished_at);
  EXPECT_TRUE(records->read(examples::workspace(), {}).empty());
}

TEST_F(AdapterTable, ReadsAsManyRunsAsItSaysInOneStatement) {
  psql(dsn,
       "insert into adapter_runs (run_id, workspace_id, adapter, status)"
       " select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'acme', 'graph', 'queued'"
       " from generate_series(1, 2000) n");
  std::vector<RunId> runs;
  for (std::size_t i = 1; i <= AdapterRecords::kRunsPerReadMax; ++i)
    runs.push_back(RunId{*parse_uuid(fmt::format("00000000-0000-4000-8000-{:012}", i), "run")});
  EXPECT_EQ(runs.size(), postgres_adapter_records({.dsn = dsn})->read(examples::workspace(), runs).size());
}

TEST_F(AdapterTable, IsReadAlsoFromAServerThatTakesNoWrites) {
  put(run_id(1), "workspace_id, adapter, status", "'acme', 'graph', 'running'");
  psql(dsn, "alter database " + psql(dsn, "select current_database()") + " set default_transaction_read_only = on");
  EXPECT_EQ(postgres_adapter_records({.dsn = dsn})->read(examples::workspace(), {run_id(1)}).size(), 1U);
}

TEST_F(AdapterTable, TextsOfAdaptersAreSanitised) {
  put(run_id(1), "workspace_id, adapter, external_id, status",
      "'acme', E'gra\\nph', 'token=abc123def456ghi789', 'running'");
  const auto found = postgres_adapter_records({.dsn = dsn})->read(examples::workspace(), {run_id(1)});
  EXPECT_EQ(found.at(0).adapter.str(), "gra ph");
  EXPECT_EQ(found.at(0).external_id->str(), "token=[redacted]");
}

TEST_F(AdapterTable, RefusesRecordsThatMakeNoSense) {
  for (const char* values : {"'lost', null, 1", "'succeeded', null, 1", "'running', now(), 1",
                             "'failed', 'infinity', 1", "'running', null, 0"}) {
    EXPECT_ANY_THROW(put(run_id(1), "workspace_id, adapter, status, finished_at, attempt",
                         "'acme', 'graph', " + std::string(values)))
        << values;
  }
}

TEST_F(AdapterTable, StaysWhenTheMirrorIsDroppedAndMadeAgain) {
  put(run_id(1), "workspace_id, adapter, status", "'acme', 'graph', 'running'");
  psql(dsn, "drop table operation_runs, operation_run_attempts, ledger_projections, ledger_migrations cascade");
  Mirror(world.log(), {.dsn = dsn}).open(std::chrono::seconds(30));
  EXPECT_EQ(psql(dsn, "select count(*)::text from adapter_runs"), "1");
}

TEST_F(AdapterTable, IsReadInTheSchemaThatWasChosen) {
  Mirror(world.log(), {.dsn = dsn, .schema = "runs"}).open(std::chrono::seconds(30));
  psql(dsn, "insert into runs.adapter_runs (run_id, workspace_id, adapter, status) values ('" +
                format_uuid(run_id(1).value) + "', 'acme', 'graph', 'queued')");
  EXPECT_EQ(postgres_adapter_records({.dsn = dsn, .schema = "runs"})->read(examples::workspace(), {run_id(1)}).size(),
            1U);
  EXPECT_EQ(postgres_adapter_records({.dsn = dsn})->read(examples::workspace(), {run_id(1)}).size(), 0U);
}

TEST_F(AdapterTable, ThatIsMissingIsNotTakenForEmpty) {
  EXPECT_EQ(code_of(*postgres_adapter_records({.dsn = postgres.make_database()})), "adapter.unavailable");
  EXPECT_THROW((void)postgres_adapter_records({.dsn = "no dsn"}), Failure);
}

TEST_F(AdapterTable, ThatIsAnotherIsNotCalledTheMirror) {
  psql(dsn, "alter table adapter_runs rename column adapter to adapter_before");
  const SeenFailure failure =
      failure_of([&] { return postgres_adapter_records({.dsn = dsn})->read(examples::workspace(), {run_id(1)}); });
  EXPECT_EQ(failure.code, "adapter.unavailable");
  EXPECT_EQ(failure.what.find("mirror"), std::string::npos) << failure.what;
}

TEST_F(AdapterTable, APostgresThatIsAwayMayComeBack) {
  const auto records = postgres_adapter_records({.dsn = dsn});
  EXPECT_EQ(code_of(*records), "");
  postgres.stop_at_once();
  EXPECT_EQ(code_of(*records), "adapter.unavailable reconnect");
  postgres.start();
  EXPECT_EQ(code_of(*records), "");
  psql(dsn,
       "select count(pg_terminate_backend(pid))::text from pg_stat_activity"
       " where datname = current_database() and pid <> pg_backend_pid()");
  EXPECT_EQ(code_of(*records), "") << "a lost connection that was kept is replaced immediately";
}

}  // namespace
}  // namespace runledger
