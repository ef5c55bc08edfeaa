// Rebuilds the mirror: only rows that differ are written and counted, and readers see the whole change or nothing of
// it.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using examples::run_id;
using std::chrono::milliseconds;

class MirrorRebuild : public testing::Test {
 protected:
  MirrorRebuild() {
    world.live(600);
    mirror.open(milliseconds(10'000));
    (void)mirror.catch_up();
    rows = read_mirror(dsn).rows.size();
  }

  void expect_exact() {
    const ReadMirror found = read_mirror(dsn);
    EXPECT_EQ(found.checkpoint, world.log().last());
    EXPECT_EQ(difference(found, world), "");
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
  Mirror mirror{world.log(), {.dsn = dsn}};
  std::uint64_t rows = 0;
};

TEST_F(MirrorRebuild, FindsNothingToDoInASoundMirrorAndWritesNothing) {
  const std::string versions = "select string_agg(id || ' ' || xmin, ',' order by id) from operation_runs";
  const std::string before = psql(dsn, versions);
  const RebuildReport report = mirror.rebuild(false);
  EXPECT_EQ(report.scanned, rows);
  EXPECT_EQ(report.drifted, 0U);
  EXPECT_EQ(before, psql(dsn, versions)) << "a row was written although it did not differ";
  expect_exact();
}

TEST_F(MirrorRebuild, HealsRowsEditedByHandAndCountsThem) {
  psql(dsn, "update operation_runs set attempt = attempt + 1 where id in (select id from operation_runs limit 3)");
  psql(dsn, "delete from operation_runs where id in (select id from operation_runs order by id desc limit 2)");
  psql(dsn,
       "insert into operation_runs select gen_random_uuid(), workspace_id, tenant_id, type, 'completed', 'failed',"
       " run_identity_hash, attempt, max_attempts, deduped_count, initiator, reason_code, summary_counts,"
       " failure_summary, context, requested_at, started_at, completed_at, created_at, updated_at, run_version,"
       " last_sequence, labels, parent_run_id, root_run_id, rerun_of, caller, imported_open, skipped_count"
       " from operation_runs limit 4");
  const RebuildReport report = mirror.rebuild(false);
  EXPECT_EQ(report.scanned, rows);
  EXPECT_EQ(report.updated, 3U);
  EXPECT_EQ(report.inserted, 2U);
  EXPECT_EQ(report.deleted, 4U);
  EXPECT_EQ(report.drifted, 9U);
  expect_exact();
  EXPECT_EQ(mirror.rebuild(false).drifted, 0U);
}

TEST_F(MirrorRebuild, ADryRunCountsTheSameAndChangesNothing) {
  psql(dsn,
       "update operation_runs set initiator = 'somebody else' where id in (select id from operation_runs limit 5)");
  psql(dsn, "delete from operation_runs where id in (select id from operation_runs order by id desc limit 1)");
  const PlainRows before = read_mirror(dsn).rows;
  const RebuildReport dry = mirror.rebuild(true);
  EXPECT_EQ(dry.updated, 5U);
  EXPECT_EQ(dry.inserted, 1U);
  EXPECT_EQ(before, read_mirror(dsn).rows);
  EXPECT_EQ(mirror.rebuild(false).drifted, 6U);
  expect_exact();
}

TEST_F(MirrorRebuild, RowsThatMerelyLagAreNotCountedAsDriftAndCatchUp) {
  world.live(300);
  psql(dsn, "update operation_runs set attempt = 77 where id = (select min(id::text)::uuid from operation_runs)");
  EXPECT_EQ(mirror.rebuild(true).drifted, 1U);
  EXPECT_EQ(mirror.rebuild(false).drifted, 1U);
  expect_exact();
}

TEST_F(MirrorRebuild, AnEmptyTableIsFilledAndKeepsItsIndexes) {
  const std::string indexes =
      "select string_agg(indexdef, E'\\n' order by indexname) from pg_indexes where tablename like 'operation_run%'";
  const std::string before = psql(dsn, indexes);
  psql(dsn, "create index added_by_hand on operation_runs (initiator)");
  psql(dsn, "drop index added_by_hand");
  psql(dsn, "truncate operation_runs, operation_run_attempts");
  EXPECT_EQ(mirror.rebuild(true).inserted, rows);
  const RebuildReport report = mirror.rebuild(false);
  EXPECT_EQ(report.inserted, rows);
  EXPECT_EQ(report.drifted, rows);
  EXPECT_EQ(before, psql(dsn, indexes));
  expect_exact();
}

TEST_F(MirrorRebuild, RowsOfAnotherRevisionBecomeRowsOfThisOne) {
  psql(dsn, "update ledger_projections set revision = 99, checkpoint = 5, roots = '" +
                plain_roots(world.tree_at(Sequence{5})) + "'");
  psql(dsn, "update operation_runs set reason_code = 'other.fold'");
  mirror.open(milliseconds(10'000));
  EXPECT_EQ(mirror.rebuild(false).updated, rows);
  EXPECT_EQ(std::to_string(OperationRun::kRevision), psql(dsn, "select revision from ledger_projections"));
  expect_exact();
}

TEST_F(MirrorRebuild, RowsWithoutACheckpointGetOne) {
  psql(dsn, "delete from ledger_projections");
  mirror.open(milliseconds(10'000));
  EXPECT_EQ(mirror.rebuild(false).drifted, 0U);
  expect_exact();
}

TEST_F(MirrorRebuild, AttemptsAreRepairedAsRunsAre) {
  const std::uint64_t attempts = world.attempts_at(world.log().last()).size();
  psql(dsn, "update operation_run_attempts set worker = 'somebody else' where attempt = 2");
  const auto changed = std::stoull(psql(dsn, "select count(*) from operation_run_attempts where attempt = 2"));
  psql(dsn,
       "insert into operation_run_attempts select run_id, 77, worker, started_at, ended_at, outcome, reason_code,"
       " summary_counts, failures, lost, late, last_sequence from operation_run_attempts where attempt = 2 limit 1");
  psql(dsn, "delete from operation_run_attempts where attempt = 1");
  for (const bool dry_run : {true, false}) {
    const MirrorRebuildReport report = mirror.rebuild(dry_run);
    EXPECT_EQ(report.drifted, 0U);
    EXPECT_EQ(report.attempts.scanned, attempts);
    EXPECT_EQ(report.attempts.updated, changed);
    EXPECT_EQ(report.attempts.deleted, 1U);
    EXPECT_GT(report.attempts.inserted, 10U);
    EXPECT_EQ(report.attempts.drifted, changed + 1 + report.attempts.inserted);
  }
  expect_exact();
}

TEST_F(MirrorRebuild, AnEmptyTableOfAttemptsIsFilledAgain) {
  const std::uint64_t attempts = world.attempts_at(world.log().last()).size();
  psql(dsn, "truncate operation_run_attempts");
  EXPECT_EQ(mirror.rebuild(false).attempts.inserted, attempts);
  expect_exact();
}

TEST_F(MirrorRebuild, RunsWhoseIdentitiesWereSwappedByHandAreSwappedBack) {
  const auto request = [&](int number, const char* tenant) {
    (void)world.submit(examples::request({.run = run_id(number), .scope = examples::scope(tenant)}));
  };
  request(1, "tenant-x");
  request(2, "tenant-y");
  (void)mirror.catch_up();
  psql(dsn,
       "create temporary table swapped as select * from operation_runs where tenant_id in ('tenant-x', 'tenant-y');"
       "delete from operation_runs where tenant_id in ('tenant-x', 'tenant-y');"
       "update swapped set tenant_id = case tenant_id when 'tenant-x' then 'tenant-y' else 'tenant-x' end,"
       " run_identity_hash = (select s.run_identity_hash from swapped s where s.id <> swapped.id);"
       "insert into operation_runs select * from swapped");
  EXPECT_EQ(mirror.rebuild(false).updated, 2U);
  expect_exact();
}

TEST_F(MirrorRebuild, ARowThatStoodInTheWayIsHealedAndTheMirrorFollowsAgain) {
  const examples::RequestOf wanted{.run = run_id(1), .scope = examples::scope("tenant-z")};
  (void)world.submit(examples::request(wanted));
  (void)world.submit(FailRun{wanted.run, examples::reason("run.cancelled"), {}, RunOutcome::kCancelled});
  (void)mirror.catch_up();
  psql(dsn, "update operation_runs set status = 'queued', outcome = 'pending' where tenant_id = 'tenant-z'");
  (void)world.submit(examples::request({.run = run_id(2), .scope = examples::scope("tenant-z"), .force = true}));
  EXPECT_THROW((void)mirror.catch_up(), Failure);
  EXPECT_EQ(mirror.rebuild(false).updated, 1U);
  expect_exact();
}

TEST_F(MirrorRebuild, TheRowsThatItWroteAreWhatLaterEventsAreFoldedOn) {
  psql(dsn, "update operation_runs set attempt = 77");
  (void)mirror.rebuild(false);
  for (int round = 0; round < 5; ++round) {
    world.live(200);
    (void)mirror.catch_up();
    expect_exact();
  }
}

// Counts the rows as a reader sees them: all rows, and those that were edited by hand.
std::string count_rows(const std::string& dsn) {
  return psql(dsn,
              "select count(*) || ' rows, ' || count(*) filter (where attempt = 77) || ' edited' from operation_runs");
}

TEST_F(MirrorRebuild, AReaderSeesTheTableBeforeOrAfterAndNothingInBetween) {
  std::set<std::string> allowed;
  for (int round = 0; round < 5; ++round) {
    psql(dsn, "update operation_runs set attempt = 77");
    psql(dsn, "delete from operation_runs where id in (select id from operation_runs order by id limit 100)");
    const std::set<std::string> expected{count_rows(dsn), std::to_string(rows) + " rows, 0 edited"};
    std::atomic<bool> done{false};
    auto reader = std::async(std::launch::async, [&] {
      std::set<std::string> seen;
      while (!done) seen.insert(count_rows(dsn));
      seen.insert(count_rows(dsn));
      return seen;
    });
    EXPECT_EQ(mirror.rebuild(false).drifted, rows);
    done = true;
    for (const std::string& seen : reader.get()) EXPECT_TRUE(expected.contains(seen)) << seen;
  }
  expect_exact();
}

TEST_F(MirrorRebuild, ADryRunDoesNotKeepWritersOut) {
  auto writer = std::async(std::launch::async, [&] {
    for (int i = 0; i < 20; ++i) psql(dsn, "set lock_timeout = '10s'; update operation_runs set attempt = attempt");
  });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(mirror.rebuild(true).drifted, 0U);
  writer.get();
}

}  // namespace
}  // namespace runledger
