// Verifies the mirror: every difference is named, and nothing else is.
//
// The tests begin with a mirror of 400 random commands that has caught up. A test edits the table by SQL, and verify()
// compares a snapshot of the table with the fold of the log. finding() requires that the edit leads to exactly one
// finding.
#include "projections/postgres/mirror_verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class MirrorVerify : public testing::Test {
 protected:
  MirrorVerify() {
    world.live(400);
    mirror.open(milliseconds(10'000));
    (void)mirror.catch_up();
  }

  VerifyReport verify() {
    VerifyReport report;
    MirrorSnapshot({.dsn = dsn}).compare(world.log(), report);
    return report;
  }

  // Returns the only finding, and fails the test when there are more or fewer.
  Finding finding() {
    const VerifyReport report = verify();
    EXPECT_EQ(report.findings_total, 1U);
    return report.findings.empty() ? Finding{} : report.findings.front();
  }

  void edit(const std::string& assignment) {
    psql(dsn,
         "update operation_runs set " + assignment + " where id = (select min(id::text)::uuid from operation_runs)");
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
  Mirror mirror{world.log(), {.dsn = dsn}};
};

TEST_F(MirrorVerify, FindsNothingInASoundMirrorAndCountsItsRows) {
  const VerifyReport report = verify();
  EXPECT_TRUE(report.ok()) << report.findings.front().detail;
  EXPECT_EQ(std::to_string(report.mirror_rows.value_or(0)), psql(dsn, "select count(*) from operation_runs"));
  EXPECT_EQ(std::to_string(report.mirror_attempts.value_or(0)),
            psql(dsn, "select count(*) from operation_run_attempts"));
}

TEST_F(MirrorVerify, FindsNothingInAMirrorThatLags) {
  world.live(300);
  EXPECT_TRUE(verify().ok());
}

TEST_F(MirrorVerify, FindsNothingWhileTheMirrorFollows) {
  for (int round = 0; round < 5; ++round) {
    world.live(200);
    auto verified = std::async(std::launch::async, [&] { return verify(); });
    (void)mirror.catch_up();
    EXPECT_TRUE(verified.get().ok());
  }
}

TEST_F(MirrorVerify, NamesTheColumnsThatWereEditedByHandAndShowsNoValue) {
  const std::pair<const char*, const char*> edits[] = {{"workspace_id", "'planted'"},
                                                       {"tenant_id", "'planted'"},
                                                       {"type", "'planted'"},
                                                       {"run_identity_hash", "'planted'"},
                                                       {"attempt", "attempt + 1"},
                                                       {"max_attempts", "99"},
                                                       {"deduped_count", "99"},
                                                       {"skipped_count", "99"},
                                                       {"initiator", "'planted'"},
                                                       {"reason_code", "'planted'"},
                                                       {"summary_counts", "'{\"planted\": 1}'"},
                                                       {"failure_summary", "'[\"planted\"]'"},
                                                       {"context", "'{\"planted\": 1}'"},
                                                       {"requested_at", "requested_at + interval '1 microsecond'"},
                                                       {"started_at", "'infinity'"},
                                                       {"completed_at", "'-infinity'"},
                                                       {"created_at", "created_at - interval '1 microsecond'"},
                                                       {"updated_at", "'infinity'"},
                                                       {"run_version", "run_version + 1"}};
  const std::string id = psql(dsn, "select min(id::text)::uuid from operation_runs");
  for (const auto& [column, value] : edits) {
    edit(std::string(column) + " = " + value);
    const Finding found = finding();
    EXPECT_EQ(found.code, "mirror.row_differs");
    EXPECT_EQ(id, format_uuid(found.run.value_or(RunId{}).value));
    EXPECT_THAT(found.detail, testing::EndsWith(std::string(": ") + column));
    EXPECT_THAT(found.detail, Not(HasSubstr("planted")));
    EXPECT_EQ(mirror.rebuild(false).updated, 1U);
  }
}

TEST_F(MirrorVerify, NamesTheColumnsOfAnAttemptThatWereEditedByHandAndShowsNoValue) {
  const std::pair<const char*, const char*> edits[] = {{"worker", "'planted'"},
                                                       {"started_at", "'infinity'"},
                                                       {"ended_at", "'-infinity'"},
                                                       {"outcome", "'lost'"},
                                                       {"reason_code", "'planted'"},
                                                       {"summary_counts", "'{\"planted\": 1}'"},
                                                       {"failures", "'[\"planted\"]'"},
                                                       {"lost", "not lost"},
                                                       {"late", "not late"},
                                                       {"last_sequence", "last_sequence + 1"}};
  const std::string id = psql(dsn, "select min(run_id::text)::uuid from operation_run_attempts");
  for (const auto& [column, value] : edits) {
    psql(dsn, std::string("update operation_run_attempts set ") + column + " = " + value + " where run_id = '" + id +
                  "' and attempt = 1");
    const Finding found = finding();
    EXPECT_EQ(found.code, "mirror.attempt_differs");
    EXPECT_EQ(id, format_uuid(found.run.value_or(RunId{}).value));
    EXPECT_THAT(found.detail, testing::StartsWith("attempt 1: "));
    EXPECT_THAT(found.detail, testing::EndsWith(std::string(": ") + column));
    EXPECT_THAT(found.detail, Not(HasSubstr("planted")));
    EXPECT_EQ(mirror.rebuild(false).attempts.updated, 1U);
  }
}

TEST_F(MirrorVerify, NamesAnAttemptThatIsMissingAndOneThatIsThereWithoutAStart) {
  psql(dsn,
       "update operation_run_attempts set attempt = 77 where run_id ="
       " (select min(run_id::text)::uuid from operation_run_attempts) and attempt = 1");
  const VerifyReport report = verify();
  ASSERT_EQ(report.findings_total, 2U);
  EXPECT_EQ(report.findings[0].code, "mirror.attempt_missing");
  EXPECT_EQ(report.findings[1].code, "mirror.attempt_extra");
}

TEST_F(MirrorVerify, ComparesNoAttemptsThatNoProjectorHasFilledYet) {
  psql(dsn, "update ledger_projections set attempts_revision = null; delete from operation_run_attempts");
  EXPECT_TRUE(verify().ok());
}

TEST_F(MirrorVerify, NamesAStatusThatWasEditedByHand) {
  psql(dsn,
       "update operation_runs set status = 'completed', outcome = 'blocked' where id ="
       " (select min(id::text)::uuid from operation_runs where status <> 'completed')");
  EXPECT_THAT(finding().detail, testing::EndsWith(": status, outcome"));
}

TEST_F(MirrorVerify, TellsANumberFromOneThatIsOnlyEqual) {
  psql(dsn,
       "update operation_runs set context = jsonb_set(context, '{policy}', (context->>'policy' || '.0')::jsonb)"
       " where id = (select min(id::text)::uuid from operation_runs)");
  EXPECT_THAT(finding().detail, testing::EndsWith(": context"));
}

TEST_F(MirrorVerify, NamesARowThatIsMissing) {
  const std::string id = psql(dsn,
                              "delete from operation_runs where id = (select max(id::text)::uuid from"
                              " operation_runs) returning id");
  const Finding found = finding();
  EXPECT_EQ(found.code, "mirror.row_missing");
  EXPECT_EQ(id, format_uuid(found.run.value_or(RunId{}).value));
  EXPECT_TRUE(found.sequence.has_value());
}

TEST_F(MirrorVerify, NamesARowThatIsThereWithoutARun) {
  psql(dsn,
       "update operation_runs set id = '00000000-0000-0000-0000-0000000000ff'"
       " where id = (select max(id::text)::uuid from operation_runs)");
  const VerifyReport report = verify();
  ASSERT_EQ(report.findings_total, 2U);
  EXPECT_EQ(report.findings[0].code, "mirror.row_extra");
  EXPECT_EQ(report.findings[1].code, "mirror.row_missing");
}

TEST_F(MirrorVerify, CountsMoreFindingsThanItKeeps) {
  psql(dsn,
       "insert into operation_runs select gen_random_uuid(), workspace_id, tenant_id, type, 'completed', 'failed',"
       " run_identity_hash, attempt, max_attempts, deduped_count, initiator, reason_code, summary_counts,"
       " failure_summary, context, requested_at, started_at, completed_at, created_at, updated_at, run_version,"
       " last_sequence, labels, parent_run_id, root_run_id, rerun_of, caller, imported_open, skipped_count"
       " from (select * from operation_runs limit 1) one, generate_series(1, 1500)");
  const VerifyReport report = verify();
  EXPECT_EQ(report.findings.size(), VerifyReport::kFindingsMax);
  EXPECT_EQ(report.findings_total, 1500U);
}

TEST_F(MirrorVerify, NamesTheMirrorOfAnotherLedger) {
  psql(dsn, "update ledger_projections set ledger_id = '00000000-0000-0000-0000-000000000001'");
  EXPECT_EQ(finding().code, "mirror.other_ledger");
}

TEST_F(MirrorVerify, NamesAMirrorThatIsAheadOfTheLog) {
  psql(dsn, "update ledger_projections set checkpoint = checkpoint + 1");
  EXPECT_EQ(finding().code, "mirror.ahead");
}

TEST_F(MirrorVerify, NamesACheckpointThatWasSetBack) {
  psql(dsn, "update ledger_projections set checkpoint = checkpoint - 1");
  EXPECT_EQ(finding().code, "mirror.other_history");
  const Sequence before{world.log().last().value - 1};
  psql(dsn, "update ledger_projections set roots = '" + plain_roots(world.tree_at(before)) + "'");
  EXPECT_THAT(finding().code, testing::AnyOf("mirror.row_differs", "mirror.row_extra"));
}

TEST_F(MirrorVerify, NamesAMirrorOfAnotherHistory) {
  psql(dsn, "update ledger_projections set roots = translate(roots, '0123', '1230')");
  EXPECT_EQ(finding().code, "mirror.other_history");
}

TEST_F(MirrorVerify, NamesALineWithoutRootsAndComparesTheRowsAllTheSame) {
  psql(dsn, "update ledger_projections set roots = null");
  EXPECT_EQ(finding().code, "mirror.other_revision");
  edit("attempt = 99");
  const VerifyReport report = verify();
  ASSERT_EQ(report.findings_total, 2U);
  EXPECT_EQ(report.findings[1].code, "mirror.row_differs");
}

TEST_F(MirrorVerify, NamesRowsOfAnotherRevision) {
  psql(dsn, "update ledger_projections set revision = 99");
  EXPECT_EQ(finding().code, "mirror.other_revision");
}

TEST_F(MirrorVerify, NamesACheckpointThatIsMissing) {
  psql(dsn, "delete from ledger_projections");
  EXPECT_EQ(finding().code, "mirror.checkpoint_missing");
}

TEST_F(MirrorVerify, NamesWhatIsMissingOfTheSchema) {
  const std::pair<const char*, const char*> losses[] = {
      {"drop index operation_runs_newest", "index operation_runs_newest"},
      {"drop index operation_runs_active_tenant", "unique index operation_runs_active_tenant"},
      {"alter table operation_runs drop constraint operation_runs_status_check", "check operation_runs_status_check"},
      {"alter table operation_runs drop constraint operation_runs_pkey", "unique index operation_runs_pkey"},
      {"alter table operation_runs alter column run_version drop not null", "column run_version integer not null"},
      {"alter table operation_runs drop column initiator", "column initiator text"},
      {"alter table ledger_projections drop column roots", "column ledger_projections.roots text"},
      {"drop index operation_run_attempts_by_sequence", "index operation_run_attempts_by_sequence"},
      {"alter table operation_run_attempts drop constraint operation_run_attempts_pkey",
       "unique index operation_run_attempts_pkey"},
      {"alter table operation_run_attempts drop constraint operation_run_attempts_outcome_check",
       "check operation_run_attempts_outcome_check"},
      {"alter table operation_run_attempts drop column worker", "column operation_run_attempts.worker text not null"},
      {"alter table ledger_projections drop column attempts_revision",
       "column ledger_projections.attempts_revision integer"},
      {"drop table operation_run_attempts", "table operation_run_attempts"},
      {"drop table ledger_projections", "table ledger_projections"},
      {"drop table operation_runs cascade", "table operation_runs"}};
  for (const auto& [statement, part] : losses) {
    dsn = PrivatePostgres::shared().make_database();
    Mirror fresh(world.log(), {.dsn = dsn});
    fresh.open(milliseconds(10'000));
    (void)fresh.catch_up();
    psql(dsn, statement);
    const Finding found = finding();
    EXPECT_EQ(found.code, "mirror.schema_differs");
    EXPECT_THAT(found.detail, HasSubstr(part));
  }
}

TEST_F(MirrorVerify, TakesWhatSomebodyAddedForTheirOwnAffair) {
  psql(
      dsn,
      "create index of_ours on operation_runs (initiator); alter table operation_runs add column note text,"
      " add column seen timestamptz not null default now(), add column tries int generated always as (attempt) stored");
  psql(dsn, "update operation_runs set note = 'mine'");
  EXPECT_TRUE(verify().ok());
  world.live(100);
  (void)mirror.catch_up();
  EXPECT_TRUE(verify().ok());
  EXPECT_EQ(mirror.rebuild(false).drifted, 0U);
}

// The ledger may be read later than its mirror, which a daemon follows at the same time.
TEST_F(MirrorVerify, IsOfTheMomentOfTheSnapshot) {
  MirrorSnapshot snapshot({.dsn = dsn});
  world.live(100);
  (void)mirror.catch_up();
  VerifyReport report;
  snapshot.compare(world.log(), report);
  EXPECT_TRUE(report.ok());
}

TEST_F(MirrorVerify, NeedsNoLockAndNoRightToWriteRows) {
  psql(dsn,
       "create role auditor login; grant usage on schema runledger to auditor;"
       " grant select on all tables in schema runledger to auditor");
  VerifyReport report;
  MirrorSnapshot({.dsn = dsn + " user=auditor"}).compare(world.log(), report);
  psql(dsn, "drop owned by auditor; drop role auditor");
  EXPECT_TRUE(report.ok());
  EXPECT_GT(report.mirror_rows.value_or(0), 0U);
}

TEST_F(MirrorVerify, AServerThatIsAwayIsAFailureAndNoFinding) {
  EXPECT_THROW(MirrorSnapshot({.dsn = "host=/nonexistent dbname=none"}), Failure);
}

}  // namespace
}  // namespace runledger
