// Tables that were dropped while a projector runs are made again, and it does not take over those of others.
#include <gtest/gtest.h>

#include <thread>

#include "ledger/base/failure.h"
#include "projections/postgres/mirror_session.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class MirrorDropped : public testing::Test {
 protected:
  MirrorDropped() { world.live(200); }

  MirrorOptions options() {
    return {.dsn = dsn,
            .reconnect_delay_min = milliseconds(1),
            .reconnect_delay_max = milliseconds(50),
            .look_every = milliseconds(10)};
  }

  // Drops something under a mirror that is open, and requires that it is exact again after the next events.
  void expect_made_again(Mirror& mirror, const std::string& statement) {
    psql(dsn, statement);
    world.live(20);
    EXPECT_EQ(mirror.catch_up(), world.log().last()) << statement;
    EXPECT_EQ(difference(read_mirror(dsn), world), "") << statement;
    EXPECT_EQ(psql(dsn, "select count(*) from operation_runs_daily") == "0", false) << statement;
    EXPECT_NE(psql(dsn, "select to_regclass('runledger.adapter_runs')"), "");
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
};

TEST_F(MirrorDropped, WhateverWasDroppedIsMadeAgainWithoutARestart) {
  Mirror mirror(world.log(), options());
  mirror.open(seconds(10));
  (void)mirror.catch_up();
  for (const char* statement :
       {"drop schema runledger cascade", "drop table operation_runs cascade", "drop table operation_run_attempts",
        "drop table ledger_projections",
        "drop table operation_runs, operation_run_attempts, ledger_projections, ledger_migrations cascade",
        "drop table operation_runs, ledger_projections, ledger_migrations, adapter_runs, ledger_checkpoints cascade"})
    expect_made_again(mirror, statement);
}

TEST_F(MirrorDropped, AFollowerMakesThemAgainWithAndWithoutNewEvents) {
  Mirror mirror(world.log(), options());
  mirror.open(seconds(10));
  std::jthread follower([&](const std::stop_token& stop) { mirror.follow(stop); });
  for (int round = 0; round < 4; ++round) {
    psql(dsn, "drop schema runledger cascade");
    if (round % 2 == 0) world.live(20);
    // The tables are not there for a moment.
    while (psql(dsn, "select to_regclass('runledger.operation_runs_daily')").empty() ||
           read_mirror(dsn).checkpoint < world.log().last()) {
    }
    EXPECT_EQ(difference(read_mirror(dsn), world), "");
  }
}

TEST_F(MirrorDropped, WhatIsLeftIsMadeWholeWhenAProjectorStarts) {
  for (const char* statement :
       {"drop table operation_runs cascade", "drop table operation_run_attempts", "drop table ledger_migrations",
        "drop table operation_runs, ledger_projections, ledger_migrations cascade", "drop view operation_runs_daily",
        "drop table adapter_runs"}) {
    {
      Mirror mirror(world.log(), options());
      mirror.open(seconds(10));
      (void)mirror.catch_up();
    }
    psql(dsn, statement);
    Mirror mirror(world.log(), options());
    mirror.open(seconds(10));
    expect_made_again(mirror, "select 1");
  }
}

TEST_F(MirrorDropped, ARebuildMakesThemAgain) {
  {
    Mirror mirror(world.log(), options());
    mirror.open(seconds(10));
    (void)mirror.catch_up();
  }
  psql(dsn, "drop table operation_runs cascade");
  Mirror mirror(world.log(), options());
  mirror.open(seconds(10));
  EXPECT_EQ(mirror.rebuild(false).inserted, world.rows_at(world.log().last()).size());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorDropped, TheViewAloneIsMadeAgainAndTheRowsStay) {
  Mirror(world.log(), options()).open(seconds(10));
  const std::string table = psql(dsn, "select 'operation_runs'::regclass::oid");
  psql(dsn, "drop view operation_runs_daily");
  Mirror(world.log(), options()).open(seconds(10));
  EXPECT_EQ(psql(dsn, "select 'operation_runs'::regclass::oid"), table);
  EXPECT_NE(psql(dsn, "select obj_description('operation_runs_daily'::regclass)"), "");
}

TEST_F(MirrorDropped, RowsOfAnUnknownLedgerAreNotDropped) {
  MirrorWorld other(2);
  other.live(100);
  {
    Mirror mirror(other.log(), options());
    mirror.open(seconds(10));
    (void)mirror.catch_up();
  }
  const std::string rows = psql(dsn, "select count(*) from operation_runs");
  psql(dsn, "drop table ledger_projections");
  EXPECT_EQ(failure_of([&] { Mirror(world.log(), options()).open(seconds(10)); }).code, "mirror.drifted");
  EXPECT_EQ(psql(dsn, "select count(*) from operation_runs"), rows);
}

TEST_F(MirrorDropped, TheMirrorOfAnotherLedgerIsLeftWithItsLoss) {
  MirrorWorld other(2);
  Mirror(other.log(), options()).open(seconds(10));
  psql(dsn, "drop table operation_run_attempts");
  EXPECT_EQ(failure_of([&] { Mirror(world.log(), options()).open(seconds(10)); }).code, "mirror.other_ledger");
  EXPECT_EQ(psql(dsn, "select to_regclass('operation_run_attempts')"), "");
}

TEST_F(MirrorDropped, ATableThatAnApplicationMadeMeanwhileIsNotTaken) {
  Mirror mirror(world.log(), options());
  mirror.open(seconds(10));
  psql(dsn,
       "drop table operation_runs cascade; create table runledger.operation_runs (mine text);"
       " drop table ledger_migrations");
  EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.failed");
  EXPECT_EQ(failure_of([&] { Mirror(world.log(), options()).open(seconds(10)); }).code, "mirror.table_taken");
  EXPECT_EQ(psql(dsn, "select count(*) from operation_runs"), "0");
}

TEST_F(MirrorDropped, ATableOfOthersThatIsMissingStopsTheMirrorInTheEnd) {
  Mirror mirror(world.log(), options());
  mirror.open(seconds(60));
  psql(dsn,
       "create function runledger.note() returns trigger language plpgsql as"
       " 'begin insert into notes values (new.id); return new; end';"
       " create trigger note before insert on operation_runs for each row execute function runledger.note()");
  const SeenFailure failure = failure_of([&] { (void)mirror.catch_up(); });
  EXPECT_EQ(failure.code, "mirror.tables_dropped");
  EXPECT_NE(failure.what.find("notes"), std::string::npos) << failure.what;
}

}  // namespace
}  // namespace runledger
