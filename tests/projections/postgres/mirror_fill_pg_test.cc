// The first follow of a long log fills the table in one go, and the result is that of following in batches.
#include "projections/postgres/mirror_fill.h"

#include <gtest/gtest.h>

#include <pqxx/transaction>

#include "ledger/base/failure.h"
#include "projections/postgres/mirror_schema.h"
#include "projections/postgres/mirror_session.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/proxies/cutting_proxy.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class MirrorFill : public testing::Test {
 protected:
  // Every log of these tests is longer than one batch.
  static constexpr std::size_t kBatch = 50;

  MirrorOptions options(const std::string& to) {
    return {.dsn = to,
            .events_per_batch_max = kBatch,
            .events_per_long_batch_max = kBatch,
            .reconnect_delay_min = milliseconds(1),
            .reconnect_delay_max = milliseconds(50)};
  }

  // Makes the tables of a mirror whose log is still empty.
  void make_tables() { Mirror(world.log(), options(dsn)).open(seconds(10)); }

  void follow() {
    Mirror mirror(world.log(), options(dsn));
    mirror.open(seconds(10));
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    EXPECT_EQ(difference(read_mirror(dsn), world), "");
  }

  // The number of transactions that have written rows.
  std::string transactions() { return psql(dsn, "select count(distinct xmin::text) from operation_runs"); }

  PrivatePostgres& postgres = PrivatePostgres::shared();
  std::string dsn = postgres.make_database();
  MirrorWorld world;
};

TEST_F(MirrorFill, GivesTheRowsAndTheCheckpointThatBatchesGive) {
  const std::string by_batches = postgres.make_database();
  Mirror batches(world.log(), options(by_batches));
  batches.open(seconds(10));
  for (int round = 0; round < 30; ++round) {
    world.live(20);  // Fewer events than a batch may have, so no round fills the table.
    (void)batches.catch_up();
  }
  follow();
  EXPECT_EQ(transactions(), "1");
  const ReadMirror filled = read_mirror(dsn);
  const ReadMirror followed = read_mirror(by_batches);
  EXPECT_EQ(filled.rows, followed.rows);
  EXPECT_EQ(filled.attempts, followed.attempts);
  EXPECT_EQ(filled.checkpoint, followed.checkpoint);
  EXPECT_EQ(filled.roots, followed.roots);
  EXPECT_NE(psql(by_batches, "select count(distinct xmin::text) from operation_runs"), "1");
}

TEST_F(MirrorFill, LaterBatchesAreFoldedOnItsRows) {
  Mirror mirror(world.log(), options(dsn));
  mirror.open(seconds(10));
  for (int round = 0; round < 5; ++round) {
    world.live(200);
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    ASSERT_EQ(difference(read_mirror(dsn), world), "");
  }
}

TEST_F(MirrorFill, RunsWithEventsAfterTheirRowWasCopiedAreWrittenAgain) {
  make_tables();
  world.live(1000);
  const std::string indexes =
      "select string_agg(indexdef, E'\\n' order by indexname) from pg_indexes where tablename like 'operation_run%'";
  const std::string before = psql(dsn, indexes);
  RunCache cache(1U << 20U);
  PostgresConnection(dsn, kMirrorSchema, PostgresUse::kWrite).guarded([&](pqxx::connection_base& raw) {
    pqxx::work transaction(raw);
    const FilledRows filled =
        fill_empty(transaction, world.log(), world.log().last(), cache, {}, {.settled_events = 2, .rows_max = 20});
    EXPECT_EQ(filled.runs, world.rows_at(world.log().last()).size());
    EXPECT_EQ(filled.attempts, world.attempts_at(world.log().last()).size());
    transaction.commit();
  });
  const std::vector<OperationRun::Row> expected = world.rows_at(world.log().last());
  EXPECT_EQ(read_mirror(dsn).rows, plain_rows(expected));
  EXPECT_EQ(psql(dsn, indexes), before);
  EXPECT_EQ(read_mirror(dsn).attempts, plain_attempts(world.attempts_at(world.log().last())));
  for (const OperationRun::Row& row : expected) {
    const std::optional<RunWithAttempts> cached = cache.take(row.id);
    EXPECT_TRUE(!cached || cached->row == row) << "the cache has an old row";
  }
}

TEST_F(MirrorFill, WhatOthersMadeOfTheTableSurvives) {
  make_tables();
  psql(dsn,
       "create view open_runs as select id, status from operation_runs where status <> 'completed';"
       "create role fill_reader; grant select on operation_runs to fill_reader;"
       "alter table operation_runs add column note text not null default 'new';"
       "create index by_note on operation_runs (note) with (fillfactor = 70);"
       "create index by_caller on operation_runs (caller); comment on index by_caller is 'ours';"
       "create table notes (run uuid references operation_runs (id));");
  const std::string oid =
      "select 'operation_runs'::regclass::oid || ' ' || relacl::text from pg_class"
      " where oid = 'operation_runs'::regclass";
  const std::string indexes =
      "select string_agg(indexdef || coalesce(obj_description(indexname::regclass), ''), E'\\n' order by indexname)"
      " from pg_indexes where tablename = 'operation_runs'";
  const std::string oid_before = psql(dsn, oid);
  const std::string indexes_before = psql(dsn, indexes);
  world.live(400);
  Mirror mirror(world.log(), options(dsn));
  mirror.open(seconds(10));
  EXPECT_EQ(mirror.catch_up(), world.log().last());
  EXPECT_EQ(transactions(), "1");
  EXPECT_EQ(psql(dsn, oid), oid_before);
  EXPECT_EQ(psql(dsn, indexes), indexes_before);
  EXPECT_EQ(psql(dsn, "select count(*) from open_runs"),
            psql(dsn, "select count(*) from operation_runs where status <> 'completed'"));
  EXPECT_EQ(psql(dsn, "select count(*) from operation_runs where note <> 'new'"), "0");
  EXPECT_EQ(psql(dsn, "select count(*) from pg_constraint where conrelid = 'notes'::regclass"), "1");
  psql(dsn, "drop owned by fill_reader; drop role fill_reader; alter table operation_runs drop column note");
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorFill, ThePrimaryKeyIsMadeAgainWithItsNameAndColumns) {
  make_tables();
  psql(dsn,
       "alter table operation_runs drop constraint operation_runs_pkey;"
       "alter table operation_runs add constraint \"The Key\" primary key (id) include (status)");
  const std::string key =
      "select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint"
      " where conrelid = 'operation_runs'::regclass and contype = 'p'";
  const std::string before = psql(dsn, key);
  world.live(400);
  follow();
  EXPECT_EQ(psql(dsn, key), before);
}

TEST_F(MirrorFill, ATableOfAnotherRoleIsFollowedInBatches) {
  make_tables();
  psql(dsn,
       "create role fill_projector login; grant all on schema runledger to fill_projector;"
       "grant all on all tables in schema runledger to fill_projector");
  world.live(400);
  {
    Mirror mirror(world.log(), options(dsn + " user=fill_projector"));
    mirror.open(seconds(10));
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    EXPECT_EQ(difference(read_mirror(dsn), world), "");
    EXPECT_NE(transactions(), "1");
    psql(dsn, "delete from operation_runs");
    EXPECT_GT(mirror.rebuild(false).inserted, 0U);
    EXPECT_EQ(difference(read_mirror(dsn), world), "");
  }
  psql(dsn, "drop owned by fill_projector; drop role fill_projector");
}

TEST_F(MirrorFill, AConnectionThatIsCutInTheMiddleLeavesNothingOfIt) {
  world.live(800);
  CuttingProxy proxy(postgres.socket());
  for (const std::size_t bytes : {3'000U, 20'000U, 100'000U}) {
    dsn = postgres.make_database();
    MirrorOptions through = options(proxy.through(dsn));
    Mirror mirror(world.log(), through);
    mirror.open(milliseconds(0));
    proxy.cut_once(CuttingProxy::Moment::kAfterClientBytes, bytes);
    EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.unreachable");
    ASSERT_FALSE(proxy.armed());
    const ReadMirror found = read_mirror(dsn);
    EXPECT_EQ(found.checkpoint, Sequence{});
    EXPECT_TRUE(found.rows.empty());
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    EXPECT_EQ(difference(read_mirror(dsn), world), "");
    EXPECT_EQ(transactions(), "1");
  }
}

TEST_F(MirrorFill, ACommitWhoseAnswerWasLostIsNotMadeAgain) {
  world.live(800);
  CuttingProxy proxy(postgres.socket());
  Mirror mirror(world.log(), options(proxy.through(dsn)));
  mirror.open(seconds(30));
  for (const auto moment :
       {CuttingProxy::Moment::kAfterServerAnsweredCommit, CuttingProxy::Moment::kBeforeServerSeesCommit}) {
    proxy.cut_once(moment, 1);
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    EXPECT_FALSE(proxy.armed());
    EXPECT_EQ(difference(read_mirror(dsn), world), "");
    world.live(200);
  }
}

TEST_F(MirrorFill, AStopEndsItWithNothingWritten) {
  world.live(400);
  MirrorSession session(world.log(), options(dsn), {});
  session.persist([] {}, session.give_up_after_timeout());
  const SeenFailure failure = failure_of([&] { session.write_next_batch([] { return true; }, {}); });
  EXPECT_EQ(failure.code, "mirror.unreachable");
  EXPECT_EQ(failure.remedy, Remedy::kReconnect);
  EXPECT_TRUE(read_mirror(dsn).rows.empty());
  session.write_next_batch([] { return false; }, {});
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorFill, RowsThatSomebodyMadeBeforeItAreReplacedByBatches) {
  world.live(400);
  follow();
  psql(dsn,
       "delete from operation_runs where id <> (select min(id::text)::uuid from operation_runs);"
       "update operation_runs set attempt = 77; update ledger_projections set checkpoint = 0, roots = ''");
  follow();
  EXPECT_NE(transactions(), "1");
}

// A mirror that was made before the table of attempts existed has every row but those.
TEST_F(MirrorFill, AttemptsThatAMirrorLacksAreFilledWithoutARebuild) {
  world.live(400);
  follow();
  for (const bool with_new_events : {false, true}) {
    psql(dsn,
         "alter table ledger_projections drop column attempts_revision; drop table operation_run_attempts;"
         " delete from ledger_migrations where number >= 8");
    if (with_new_events) world.live(100);
    follow();
    EXPECT_EQ(psql(dsn, "select attempts_revision from ledger_projections"),
              std::to_string(OperationRunAttempt::kRevision));
  }
  psql(dsn, "update ledger_projections set attempts_revision = 0; update operation_run_attempts set worker = 'old'");
  follow();
}

TEST_F(MirrorFill, AttemptsThatALaggingMirrorLacksAreThoseOfItsCheckpoint) {
  world.live(400);
  follow();
  psql(dsn, "update ledger_projections set attempts_revision = null; delete from operation_run_attempts");
  const Sequence before = world.log().last();
  world.live(100);
  MirrorSession session(world.log(), options(dsn), {});
  session.persist([] {}, session.give_up_after_timeout());
  EXPECT_EQ(failure_of([&] { session.write_next_batch([] { return true; }, {}); }).code, "mirror.unreachable");
  EXPECT_TRUE(read_mirror(dsn).attempts.empty());
  session.persist([&] { session.write_next_batch([] { return false; }, {}); }, [] { return true; });
  EXPECT_GT(read_mirror(dsn).checkpoint, before);
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorFill, ARowThatSomebodyDeletedComesBackWithTheNextEventOfItsRun) {
  Mirror mirror(world.log(), options(dsn));
  mirror.open(seconds(10));
  for (int number = 1; number <= 3; ++number) {
    const RunInput input = examples::input("{\"n\":" + std::to_string(number) + "}");
    (void)world.submit(examples::request({.run = examples::run_id(number), .input = input}));
  }
  (void)mirror.catch_up();
  psql(dsn, "delete from operation_runs");
  for (int number = 1; number <= 3; ++number)
    (void)world.submit(StartAttempt{examples::run_id(number), sanitize("worker"), {}});
  EXPECT_EQ(mirror.catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
  psql(dsn, "delete from operation_run_attempts");
  for (int number = 1; number <= 3; ++number)
    (void)world.submit(
        FailRun{examples::run_id(number), examples::reason("run.cancelled"), {}, RunOutcome::kCancelled});
  EXPECT_EQ(mirror.catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

}  // namespace
}  // namespace runledger
