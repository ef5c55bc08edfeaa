// The mirror follows the log and is exact at every checkpoint, for any history, texts and schema.
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using examples::run_id;
using std::chrono::milliseconds;

class MirrorFollow : public testing::Test {
 protected:
  // Returns a mirror that is open.
  std::unique_ptr<Mirror> open(std::size_t events_per_batch_max = 5000, const std::string& schema = "runledger") {
    auto mirror =
        std::make_unique<Mirror>(world.log(), MirrorOptions{.dsn = dsn,
                                                            .schema = schema,
                                                            .events_per_batch_max = events_per_batch_max,
                                                            .events_per_long_batch_max = events_per_batch_max});
    mirror->open(milliseconds(10'000));
    return mirror;
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
};

TEST_F(MirrorFollow, EqualsTheFoldAfterEveryBatchOfARandomHistory) {
  const auto mirror = open(100);
  for (int round = 0; round < 20; ++round) {
    world.live(300);
    EXPECT_EQ(mirror->catch_up(), world.log().last());
    const ReadMirror found = read_mirror(dsn);
    EXPECT_EQ(found.checkpoint, world.log().last());
    ASSERT_EQ(difference(found, world), "");
  }
  EXPECT_GT(world.log().last().value, 1000U);
}

TEST_F(MirrorFollow, EqualsTheFoldWhateverTheSizeOfABatch) {
  world.live(500);
  for (const std::size_t events : {1U, 2U, 7U, 1000U}) {
    dsn = PrivatePostgres::shared().make_database();
    EXPECT_EQ(open(events)->catch_up(), world.log().last());
    EXPECT_EQ(difference(read_mirror(dsn), world), "") << events << " events a batch";
  }
}

TEST_F(MirrorFollow, AnEmptyLogGivesAnEmptyMirrorAtCheckpointZero) {
  EXPECT_EQ(open()->catch_up(), Sequence{});
  const ReadMirror found = read_mirror(dsn);
  EXPECT_EQ(found.checkpoint, Sequence{});
  EXPECT_TRUE(found.rows.empty());
  EXPECT_EQ(psql(dsn, "select count(*) from ledger_projections"), "1");
}

TEST_F(MirrorFollow, GoesOnWhereTheProgramBeforeItStopped) {
  world.live(300);
  (void)open(50)->catch_up();
  world.live(300);
  (void)open(50)->catch_up();
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorFollow, WhatAJournalLeftOpenIsNotTheOneActiveRun) {
  const auto mirror = open();
  (void)world.import_line(examples::request({.run = run_id(1), .named = true}), examples::at(0));
  EXPECT_EQ(world.submit(examples::request({.run = run_id(2)})).verdict, Verdict::kRequested);
  EXPECT_EQ(mirror->catch_up(), world.log().last());
  EXPECT_EQ(psql(dsn, "select count(*) from operation_runs where status = 'queued' and imported_open"), "1");
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
  (void)world.submit(FailRun{run_id(2), examples::reason("run.cancelled"), {}, RunOutcome::kCancelled});
  (void)world.submit(StartAttempt{run_id(1), sanitize("worker"), {}});
  EXPECT_EQ(mirror->catch_up(), world.log().last());
  EXPECT_EQ(psql(dsn, "select count(*) from operation_runs where imported_open"), "0");
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorFollow, AnIdentityPassesFromOneRunToTheNextWithinABatch) {
  const auto mirror = open();
  Policy policy;
  policy.cooldown.length = Duration{};
  (void)world.submit(examples::request({.run = run_id(2), .policy = policy}));
  (void)mirror->catch_up();  // Run 2 has its identity in Postgres too.

  const auto cancel = [](RunId run) {
    return FailRun{run, examples::reason("run.cancelled"), {}, RunOutcome::kCancelled};
  };
  // Run 3 sorts after run 2, and run 1 before it, so writing the rows by id would fail in either direction.
  (void)world.submit(cancel(run_id(2)));
  EXPECT_EQ(world.submit(examples::request({.run = run_id(3), .policy = policy})).verdict, Verdict::kRequested);
  (void)world.submit(cancel(run_id(3)));
  EXPECT_EQ(world.submit(examples::request({.run = run_id(1), .policy = policy})).verdict, Verdict::kRequested);
  EXPECT_EQ(mirror->catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
  EXPECT_EQ(psql(dsn, "select id from operation_runs where status = 'queued'"), format_uuid(run_id(1).value));
}

TEST_F(MirrorFollow, TheIdentityOfHousekeepingPassesOnToo) {
  const auto mirror = open();
  Policy policy;
  policy.cooldown.length = Duration{};
  const examples::RequestOf first{.run = run_id(9), .scope = examples::workspace_scope(), .policy = policy};
  const examples::RequestOf second{.run = run_id(1), .scope = examples::workspace_scope(), .policy = policy};
  (void)world.submit(examples::request(first));
  (void)mirror->catch_up();
  (void)world.submit(FailRun{run_id(9), examples::reason("run.cancelled"), {}, RunOutcome::kCancelled});
  (void)world.submit(examples::request(second));
  EXPECT_EQ(mirror->catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorFollow, LivesInASchemaOfAnyName) {
  world.live(200);
  for (const std::string schema : {"ledger", "Run Ledger", "quo\"te", "'; drop schema public; --", "select"}) {
    EXPECT_EQ(open(50, schema)->catch_up(), world.log().last());
    EXPECT_EQ(difference(read_mirror(dsn, schema), world), "") << schema;
  }
  EXPECT_EQ(psql(dsn, "select count(*) from pg_tables where schemaname = 'public'"), "0");
}

TEST_F(MirrorFollow, TwoSchemasOfOneDatabaseAreTwoMirrors) {
  const auto one = open(50, "one");
  const auto two = open(50, "two");
  world.live(100);
  EXPECT_EQ(one->catch_up(), two->catch_up());
  EXPECT_EQ(read_mirror(dsn, "one").rows, read_mirror(dsn, "two").rows);
}

TEST_F(MirrorFollow, TimesAreExactToTheMicrosecondFromTheFirstYearToTheLast) {
  const auto mirror = open();
  std::vector<std::string> expected;
  int number = 0;
  for (const char* text : {"1970-01-01T00:00:00Z", "1999-12-31T23:59:59.999999Z", "2026-02-28T12:00:00.000001Z",
                           "2262-04-11T23:47:16.854775Z", "9999-12-31T23:59:59.999999Z"}) {
    const RunInput input = examples::input("{\"n\":" + std::to_string(++number) + "}");
    (void)world.import_line(examples::request({.run = run_id(number), .input = input}), *parse_time(text));
  }
  (void)mirror->catch_up();
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
  EXPECT_EQ(psql(dsn, "select max(requested_at) at time zone 'UTC' from operation_runs"), "9999-12-31 23:59:59.999999");
}

TEST_F(MirrorFollow, AServerInAnotherLanguageOfDatesReadsTheSameTimes) {
  psql(dsn, "alter role runledger set datestyle = 'German, DMY'; alter role runledger set timezone = 'Asia/Kolkata'");
  world.live(100);
  (void)open()->catch_up();
  psql(dsn, "alter role runledger reset all");
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

}  // namespace
}  // namespace runledger
