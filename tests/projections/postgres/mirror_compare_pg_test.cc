// The pass that compares all rows suspects every row that differs, and may suspect others.
#include "projections/postgres/mirror_compare.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <pqxx/transaction>

#include "projections/postgres/copy.h"
#include "projections/postgres/mirror_rows.h"
#include "projections/postgres/mirror_schema.h"
#include "projections/postgres/mirror_verify.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using examples::run_id;

class MirrorCompare : public testing::Test {
 protected:
  void follow() {
    mirror.open(std::chrono::seconds(10));
    (void)mirror.catch_up();
  }

  struct Counts {
    std::string suspects;
    std::string differences;
    std::string attempt_suspects;  // Runs.
    std::string attempt_differences;
    ComparedRows compared;
  };
  Counts count(std::size_t kept_bytes_max = 1U << 20U) {
    Counts counts;
    PostgresConnection(dsn, kMirrorSchema, PostgresUse::kWrite).guarded([&](pqxx::connection_base& raw) {
      pqxx::work transaction(raw);
      make_compare_tables(transaction, true);
      SessionBeside beside({.dsn = dsn, .schema = kMirrorSchema}, transaction);
      counts.compared = stage_suspects(transaction, beside, world.log(), world.log().last(), {}, kept_bytes_max);
      const auto number_of = [&](const std::string& what) {
        return transaction.exec1("select count(*) from " + what)[0].as<std::string>();
      };
      counts.suspects = number_of(runs_table().suspects);
      counts.differences = number_of("(" + select_differences(runs_table()) + ") d");
      counts.attempt_suspects = number_of(attempts_table().suspects);
      counts.attempt_differences = number_of("(" + select_differences(attempts_table()) + ") d");
    });
    return counts;
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
  Mirror mirror{world.log(), {.dsn = dsn}};
};

TEST_F(MirrorCompare, SuspectsNoRowOfASoundMirror) {
  for (int number = 1; number <= 20; ++number) {
    const std::string json = fmt::format(R"({{"policies":["p{}"],"n":{},"text":"\"ü\"\n"}})", number, number);
    (void)world.submit(examples::request({.run = run_id(number), .input = examples::input(json)}));
    if (number % 2 == 0) (void)world.submit(StartAttempt{run_id(number), sanitize("worker"), {}});
  }
  follow();
  const Counts counts = count();
  EXPECT_EQ(counts.suspects, "0");
  EXPECT_EQ(counts.attempt_suspects, "0");
  EXPECT_EQ(counts.compared.folded_attempts, 10U);
  EXPECT_EQ(counts.compared.mirrored_attempts, 10U);
  EXPECT_EQ(counts.compared.folded, world.rows_at(world.log().last()).size());
  EXPECT_EQ(counts.compared.mirrored, counts.compared.folded);
}

TEST_F(MirrorCompare, FindsTheSameDifferencesHoweverManyRowsItMayKeep) {
  world.live(600);
  follow();
  psql(dsn, "update operation_runs set attempt = attempt + 1 where id in (select id from operation_runs limit 30)");
  psql(dsn, "delete from operation_runs where id in (select id from operation_runs where attempt < 2 limit 20)");
  psql(dsn,
       "update operation_runs set id = gen_random_uuid() where id = (select max(id::text)::uuid from operation_runs)");
  const Counts counts = count();
  EXPECT_GE(std::stoi(counts.differences), 30);
  for (const std::size_t kept : {0U, 1000U}) EXPECT_EQ(count(kept).differences, counts.differences);
}

TEST_F(MirrorCompare, FindsAttemptsThatAreMissingDifferentOrOfNoRun) {
  world.live(600);
  follow();
  EXPECT_EQ(count().attempt_differences, "0");
  psql(dsn, "update operation_run_attempts set late = not late where attempt = 2");
  const int changed = std::stoi(psql(dsn, "select count(*) from operation_run_attempts where attempt = 2"));
  const int deleted = std::stoi(psql(
      dsn,
      "with gone as (delete from operation_run_attempts where attempt = 1 returning 1) select count(*) from gone"));
  psql(dsn,
       "insert into operation_run_attempts select gen_random_uuid(), 1, worker, started_at, ended_at, outcome,"
       " reason_code, summary_counts, failures, lost, late, last_sequence from operation_run_attempts limit 1");
  for (const std::size_t kept : {1U << 20U, 0U}) {
    const Counts counts = count(kept);
    EXPECT_EQ(counts.attempt_differences, std::to_string(changed + deleted + 1));
    EXPECT_EQ(counts.differences, "0");
  }
  EXPECT_GT(changed, 1);
  EXPECT_GT(deleted, 10);
}

TEST_F(MirrorCompare, ARowWhoseJsonPostgresGivesBackOtherwiseIsSuspectedAndFoundRight) {
  (void)world.submit(
      examples::request({.run = run_id(1), .input = examples::input(R"({"n":1.5e-7,"\n":1,"ab":2,"zzz":[]})")}));
  follow();
  EXPECT_EQ(count().suspects, "1");
  EXPECT_EQ(count().differences, "0");
  VerifyReport report;
  MirrorSnapshot({.dsn = dsn}).compare(world.log(), report);
  EXPECT_TRUE(report.ok());
}

TEST_F(MirrorCompare, RowsThatAreThereTwiceAreComparedEach) {
  for (int number = 1; number <= 3; ++number) {
    const std::string json = "{\"n\":" + std::to_string(number) + "}";
    (void)world.submit(examples::request({.run = run_id(number), .input = examples::input(json)}));
    (void)world.submit(FailRun{run_id(number), examples::reason("run.cancelled"), {}, RunOutcome::kCancelled});
  }
  follow();
  psql(dsn, "alter table operation_runs drop constraint operation_runs_pkey");
  psql(dsn, "insert into operation_runs select * from operation_runs limit 1");
  EXPECT_EQ(count().suspects, "0");
  psql(dsn, "update operation_runs set attempt = 99 where ctid = (select max(ctid) from operation_runs)");
  EXPECT_EQ(count().suspects, "1");
}

TEST_F(MirrorCompare, ACopyThatIsGivenUpLeavesTheConnectionUsable) {
  PostgresConnection(dsn, kMirrorSchema, PostgresUse::kWrite).guarded([&](pqxx::connection_base& raw) {
    for (const int read : {0, 1, 1000}) {
      {
        pqxx::work transaction(raw);
        CopyOut rows(transaction, "copy (select * from generate_series(1, 1000000)) to stdout (format binary)");
        for (int i = 0; i < read; ++i) EXPECT_TRUE(rows.next());
      }
      {
        pqxx::work transaction(raw);
        transaction.exec0("create temporary table numbers (n int)");
        CopyIn rows(transaction, "copy numbers from stdin (format binary)");
        CopyTuple tuple;
        tuple.begin(1);
        tuple.int32(7);
        for (int i = 0; i < read; ++i) rows.add(tuple.view());
      }
      pqxx::work transaction(raw);
      EXPECT_EQ(transaction.exec1("select to_regclass('numbers') is null")[0].as<std::string>(), "t");
    }
  });
}

TEST_F(MirrorCompare, AMirrorWithRowsOfNoRunHasExtraRowsOnly) {
  world.live(100);
  follow();
  MirrorWorld other;
  PostgresConnection(dsn, kMirrorSchema, PostgresUse::kWrite).guarded([&](pqxx::connection_base& raw) {
    pqxx::work transaction(raw);
    make_compare_tables(transaction, true);
    SessionBeside beside({.dsn = dsn, .schema = kMirrorSchema}, transaction);
    const ComparedRows compared = stage_suspects(transaction, beside, other.log(), Sequence{}, {});
    EXPECT_EQ(compared.folded, 0U);
    const auto extra = [&](const MirrorTable& table) {
      const std::string query = "select count(*) from (" + select_differences(table) + ") d where difference = 'extra'";
      return transaction.exec1(query)[0].as<std::uint64_t>();
    };
    EXPECT_EQ(extra(runs_table()), compared.mirrored);
    EXPECT_EQ(extra(attempts_table()), compared.mirrored_attempts);
    EXPECT_GT(compared.mirrored_attempts, 0U);
  });
}

TEST_F(MirrorCompare, AnEmptyMirrorLacksEveryRow) {
  mirror.open(std::chrono::seconds(10));
  world.live(100);
  EXPECT_EQ(count().differences, std::to_string(world.rows_at(world.log().last()).size()));
}

}  // namespace
}  // namespace runledger
