// Which schema of a database has the mirror, when the options name none.
#include "projections/postgres/mirror_schema.h"

#include <gtest/gtest.h>

#include <pqxx/connection>
#include <pqxx/transaction>

#include "projections/postgres/mirror.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

class MirrorSchema : public testing::Test {
 protected:
  // Makes or opens the mirror of a world, and returns its schema.
  std::string open(MirrorWorld& of, const std::optional<std::string>& schema = {}) {
    Mirror mirror(of.log(), {.dsn = dsn, .schema = schema});
    mirror.open(std::chrono::seconds(10));
    (void)mirror.catch_up();
    return mirror.schema();
  }

  std::string find(const std::optional<LedgerId>& ledger, const std::string& more = "") {
    return connect_to_mirror({.dsn = dsn + more}, ledger, PostgresUse::kRead)->schema();
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
  MirrorWorld other{2};
};

TEST_F(MirrorSchema, IsItsOwnBesideAnApplicationsTableOfTheSameName) {
  psql(dsn, "create table public.operation_runs (mine text); insert into public.operation_runs values ('mine')");
  world.live(100);
  EXPECT_EQ(open(world), "runledger");
  EXPECT_EQ(difference(read_mirror(dsn, "runledger"), world), "");
  EXPECT_EQ(psql(dsn, "select mine from public.operation_runs"), "mine");
}

TEST_F(MirrorSchema, IsThatOfAnEarlierVersionIfTheMirrorIsThere) {
  world.live(100);
  EXPECT_EQ(open(world, "public"), "public");
  world.live(100);
  EXPECT_EQ(open(world), "public");
  EXPECT_EQ(difference(read_mirror(dsn, "public"), world), "");
  EXPECT_EQ(psql(dsn, "select to_regnamespace('runledger')"), "") << "it was not made a second time";
}

TEST_F(MirrorSchema, IsNotThatOfAnotherLedgersMirror) {
  EXPECT_EQ(open(other, "public"), "public");
  EXPECT_EQ(open(world), "runledger");
  EXPECT_EQ(open(other), "public");
  EXPECT_EQ(find(world.ledger_id()), "runledger");
  EXPECT_EQ(find(other.ledger_id()), "public");
}

TEST_F(MirrorSchema, IsTheNewOneIfBothHaveAMirrorOfTheLedger) {
  EXPECT_EQ(open(world, "public"), "public");
  EXPECT_EQ(open(world, "runledger"), "runledger");
  EXPECT_EQ(open(world), "runledger");
}

TEST_F(MirrorSchema, IsThatOfTheLedgersCheckpointsIfTheMirrorIsGone) {
  EXPECT_EQ(open(world, "public"), "public");
  psql(dsn, "drop table operation_runs, operation_run_attempts, ledger_projections, ledger_migrations cascade");
  EXPECT_EQ(find(world.ledger_id()), "runledger");
  psql(dsn,
       "insert into ledger_checkpoints values ('" + format_uuid(world.ledger_id().value) + "', 1, '', '', '', now())");
  EXPECT_EQ(find(world.ledger_id()), "public");
  EXPECT_EQ(find(other.ledger_id()), "runledger");
}

TEST_F(MirrorSchema, IsThatOfAnyMirrorForACallerThatDoesNotKnowItsLedger) {
  EXPECT_EQ(find(std::nullopt), "runledger");
  EXPECT_EQ(open(other, "public"), "public");
  EXPECT_EQ(find(std::nullopt), "public");
  EXPECT_EQ(open(world), "runledger");
  EXPECT_EQ(find(std::nullopt), "runledger");
}

TEST_F(MirrorSchema, IsFoundWhereAnApplicationHasTablesOfTheSameNames) {
  psql(dsn,
       "create table public.ledger_projections (name int); create table public.ledger_checkpoints (size text);"
       " create table public.operation_runs (mine text)");
  EXPECT_EQ(find(world.ledger_id()), "runledger");
  EXPECT_EQ(open(world), "runledger");
}

TEST_F(MirrorSchema, IsFoundByARoleThatMayNotReadTheOtherOne) {
  EXPECT_EQ(open(other, "public"), "public");
  psql(dsn, "create role schema_reader login");
  EXPECT_EQ(find(std::nullopt, " user=schema_reader"), "runledger") << "it may not read the mirror in public";
  psql(dsn, "revoke usage on schema public from public");
  EXPECT_EQ(find(std::nullopt, " user=schema_reader"), "runledger");
  psql(dsn, "drop role schema_reader");
}

TEST_F(MirrorSchema, IsTheOneThatTheOptionsName) {
  EXPECT_EQ(open(world, "public"), "public");
  EXPECT_EQ(connect_to_mirror({.dsn = dsn, .schema = "elsewhere"}, world.ledger_id(), PostgresUse::kRead)->schema(),
            "elsewhere");
}

}  // namespace
}  // namespace runledger
