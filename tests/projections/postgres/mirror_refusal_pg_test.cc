// Tests which databases the mirror refuses to open, and that it overwrites nothing then.
#include <gtest/gtest.h>

#include "ledger/base/failure.h"
#include "projections/postgres/mirror_schema.h"
#include "tests/fixtures/data/edited_event.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/proxies/cutting_proxy.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class MirrorRefusal : public testing::Test {
 protected:
  MirrorRefusal() {
    world.live(200);
    Mirror mirror(world.log(), {.dsn = dsn});
    mirror.open(milliseconds(10'000));
    (void)mirror.catch_up();
  }

  static SeenFailure refusal_to_open(MirrorWorld& of, const std::string& to) {
    return failure_of([&] { Mirror(of.log(), {.dsn = to}).open(milliseconds(10'000)); });
  }

  static std::string code_of_check(const std::string& to) {
    return failure_of([&] { return find_mirror_unreachable({.dsn = to}); }).code;
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
};

TEST_F(MirrorRefusal, TheMirrorOfAnotherLedgerIsNotTouched) {
  const PlainRows before = read_mirror(dsn).rows;
  MirrorWorld other(2);
  other.live(2000);
  const SeenFailure refusal = refusal_to_open(other, dsn);
  EXPECT_EQ(refusal.code, "mirror.other_ledger");
  EXPECT_NE(refusal.what.find(format_uuid(world.ledger_id().value)), std::string::npos);
  EXPECT_EQ(before, read_mirror(dsn).rows);
}

TEST_F(MirrorRefusal, AMirrorThatIsAheadOfTheLogIsNotTouched) {
  psql(dsn, "update ledger_projections set checkpoint = checkpoint + 1");
  const PlainRows before = read_mirror(dsn).rows;
  EXPECT_EQ(refusal_to_open(world, dsn).code, "mirror.ahead");
  EXPECT_EQ(before, read_mirror(dsn).rows);
}

TEST_F(MirrorRefusal, AnEventThatOnlyANewerVersionCanHaveWrittenStopsTheMirror) {
  world.live(20);
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  const Sequence last = world.log().last();
  replace_event(world.log().store(), last, newer_in_place_of(world.log().find(last).value()));
  EXPECT_EQ(failure_of([&] { return mirror.catch_up(); }).code, "ledger.format_newer");
}

TEST_F(MirrorRefusal, ATableOfAnApplicationIsNotTakenForTheAdapters) {
  const std::string taken = PrivatePostgres::shared().make_database();
  psql(taken, "create schema runledger; create table adapter_runs (id int, note text)");
  EXPECT_EQ(refusal_to_open(world, taken).code, "mirror.table_taken");
  EXPECT_EQ(psql(taken, "select string_agg(tablename, ',') from pg_tables where schemaname = 'runledger'"),
            "adapter_runs");
  psql(taken, "comment on table adapter_runs is 'Runs of our adapters'");
  EXPECT_EQ(refusal_to_open(world, taken).code, "mirror.table_taken");
}

TEST_F(MirrorRefusal, ATableOfAnApplicationIsNotTakenForTheCheckpoints) {
  const std::string taken = PrivatePostgres::shared().make_database();
  psql(taken, "create schema runledger; create table ledger_checkpoints (id int, note text)");
  EXPECT_EQ(refusal_to_open(world, taken).code, "mirror.table_taken");
  EXPECT_EQ(psql(taken, "select string_agg(tablename, ',') from pg_tables where schemaname = 'runledger'"),
            "ledger_checkpoints");
}

TEST_F(MirrorRefusal, OfTwoProjectorsTheSecondIsToldThatTheMirrorIsBusy) {
  Mirror first(world.log(), {.dsn = dsn});
  first.open(milliseconds(10'000));
  EXPECT_EQ(refusal_to_open(world, dsn).code, "mirror.busy");
  world.live(100);
  EXPECT_EQ(first.catch_up(), world.log().last());
}

TEST_F(MirrorRefusal, TheSecondProjectorGetsTheMirrorOnceTheFirstHasGone) {
  { const Mirror first(world.log(), {.dsn = dsn}); }
  auto first = std::make_unique<Mirror>(world.log(), MirrorOptions{.dsn = dsn});
  first->open(milliseconds(10'000));
  first.reset();
  EXPECT_EQ(refusal_to_open(world, dsn).code, "");
}

TEST_F(MirrorRefusal, AProjectorWithoutTheLockCannotMoveTheCheckpointOfTheOneThatHasIt) {
  // The first mirror loses its lock together with its connection, and notices only later. The second one takes over.
  CuttingProxy proxy(PrivatePostgres::shared().socket());
  Mirror first(world.log(), {.dsn = proxy.through(dsn)});
  first.open(milliseconds(10'000));
  psql(dsn,
       "select pg_terminate_backend(pid, 60000) from pg_locks where locktype = 'advisory' and database ="
       " (select oid from pg_database where datname = current_database())");
  Mirror second(world.log(), {.dsn = dsn});
  second.open(seconds(5));
  world.live(100);
  (void)second.catch_up();
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorRefusal, ACheckpointThatMovedUnderTheProjectorStopsIt) {
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  psql(dsn, "update ledger_projections set checkpoint = checkpoint - 1");
  world.live(100);
  EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.busy");
}

TEST_F(MirrorRefusal, RowsOfAnotherRevisionAreLeftToARebuild) {
  psql(dsn, "update ledger_projections set revision = 99");
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.other_revision");
  EXPECT_EQ(failure_of([&] { mirror.follow({}); }).code, "mirror.other_revision");
}

TEST_F(MirrorRefusal, RowsWithoutACheckpointAreLeftToARebuild) {
  psql(dsn, "delete from ledger_projections");
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.drifted");
}

TEST_F(MirrorRefusal, TablesOfANewerProgramAreNotTouched) {
  psql(dsn, "insert into ledger_migrations values (9999, '9999_later', now())");
  EXPECT_EQ(refusal_to_open(world, dsn).code, "mirror.newer_schema");
}

TEST_F(MirrorRefusal, ATableOfSomebodyElseIsNotTouched) {
  for (const std::string name : {"operation_runs", "ledger_projections", "ledger_migrations"}) {
    dsn = PrivatePostgres::shared().make_database();
    psql(dsn,
         "create schema runledger; create table " + name + " (mine text); insert into " + name + " values ('mine')");
    const SeenFailure refusal = refusal_to_open(world, dsn);
    EXPECT_EQ(refusal.code, "mirror.table_taken") << name;
    EXPECT_NE(refusal.what.find(name), std::string::npos) << refusal.what;
    EXPECT_NE(refusal.what.find("--schema"), std::string::npos) << refusal.what;
    EXPECT_EQ(psql(dsn, "select mine from " + name), "mine");
    EXPECT_EQ(psql(dsn, "select string_agg(tablename, ',') from pg_tables where schemaname = 'runledger'"), name);
    EXPECT_EQ(code_of_check(dsn), "mirror.table_taken");
  }
}

TEST_F(MirrorRefusal, TheCheckOfTheOptionsTakesAMirrorThatIsThere) {
  EXPECT_EQ(code_of_check(dsn), "");
  EXPECT_EQ(code_of_check(PrivatePostgres::shared().make_database()), "");
}

TEST_F(MirrorRefusal, ARowWrittenByHandThatStandsInTheWayIsNamed) {
  const examples::RequestOf wanted{.run = examples::run_id(1), .scope = examples::scope("tenant-z")};
  (void)world.submit(examples::request(wanted));
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  (void)mirror.catch_up();
  // An edit by hand makes an ended run active again; afterwards its identity passes on to another run.
  (void)world.submit(FailRun{wanted.run, examples::reason("run.cancelled"), {}, RunOutcome::kCancelled});
  (void)mirror.catch_up();
  psql(dsn, "update operation_runs set status = 'queued', outcome = 'pending' where tenant_id = 'tenant-z'");
  (void)world.submit(
      examples::request({.run = examples::run_id(2), .scope = examples::scope("tenant-z"), .force = true}));
  EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.drifted");
}

TEST_F(MirrorRefusal, AServerThatIsNotThereIsReportedAfterTheTimeout) {
  const SeenFailure refusal =
      refusal_to_open(world, "host=/nonexistent user=runledger password=hunter2-hunter2 dbname=none");
  EXPECT_EQ(refusal.code, "mirror.unreachable");
  EXPECT_EQ(refusal.what.find("hunter2"), std::string::npos) << refusal.what;
}

TEST_F(MirrorRefusal, ADsnThatIsNoneIsRefusedWithoutRepeatingIt) {
  for (const char* bad : {"", "hunter2", "password=hunter2 hunter2", "postgresql://user:hunter2@[::1",
                          "no_option=hunter2", "postgresql://u:hunter2@h/d?sslmod=hunter2"}) {
    const SeenFailure refusal = refusal_to_open(world, bad);
    EXPECT_EQ(refusal.code, "mirror.dsn_invalid") << bad;
    EXPECT_EQ(refusal.what.find("hunter2"), std::string::npos) << refusal.what;
  }
}

TEST_F(MirrorRefusal, NoMessageRepeatsThePasswordOfTheDsn) {
  // The server repeats the name of the database in its message; here the name equals the password.
  const SeenFailure refusal = refusal_to_open(world, dsn + " password=hunter2-hunter2 dbname=hunter2-hunter2");
  EXPECT_EQ(refusal.code, "mirror.unreachable");
  EXPECT_NE(refusal.what.find("[redacted]"), std::string::npos) << refusal.what;
  EXPECT_EQ(refusal.what.find("hunter2"), std::string::npos) << refusal.what;
}

TEST_F(MirrorRefusal, ASchemaNameOfNoOrTooManyBytesIsRefused) {
  for (const std::string& schema : {std::string(), std::string(64, 'x')}) {
    const SeenFailure refusal =
        failure_of([&] { Mirror(world.log(), {.dsn = dsn, .schema = schema}).open(milliseconds(10'000)); });
    EXPECT_EQ(refusal.code, "mirror.schema_invalid") << schema;
  }
  EXPECT_EQ(failure_of([&] {
              Mirror(world.log(), {.dsn = dsn, .schema = std::string(63, 'x')}).open(milliseconds(10'000));
            }).code,
            "");
}

}  // namespace
}  // namespace runledger
