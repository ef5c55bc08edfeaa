// Checks that docs/sql.md says what the database says of its tables, and runs each of its queries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <regex>
#include <sstream>

#include "projections/postgres/mirror.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

std::string page() {
  std::ifstream file(source_directory() / "docs/sql.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The texts between ```sql and ```.
std::vector<std::string> queries() {
  static const std::regex block("```sql\n([^`]+)```");
  const std::string text = page();
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), block), end; it != end; ++it) found.push_back((*it)[1]);
  return found;
}

// The lines of the table under the heading "## NAME".
std::string documented_columns(const std::string& name) {
  std::istringstream lines(page());
  std::string columns;
  std::string heading;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) heading = line.substr(3);
    if (heading == name && line.starts_with("| `")) columns += line + "\n";
  }
  return columns;
}

class SqlDocs : public testing::Test {
 protected:
  SqlDocs() {
    world.live(1500);
    // A lost attempt and children, which a random history seldom has.
    const examples::RequestOf parent{.run = examples::run_id(1), .input = examples::input(R"({"n":1})")};
    (void)world.submit(examples::request(parent));
    RequestRun child = examples::request({.run = examples::run_id(2), .input = examples::input(R"({"n":2})")});
    child.parent = parent.run;
    (void)world.submit(child);
    (void)world.submit(StartAttempt{parent.run, sanitize("worker"), {}});
    follow();
  }

  void follow() {
    Mirror mirror(world.log(), {.dsn = dsn});
    mirror.open(std::chrono::seconds(10));
    (void)mirror.catch_up();
  }

  // The columns of a table or view in the form of the page.
  std::string columns_of(const std::string& name) {
    return psql(dsn,
                "select string_agg(format(E'| `%s` | %s | %s |\\n', attname,"
                " replace(format_type(atttypid, atttypmod), 'timestamp with time zone', 'timestamptz'),"
                " col_description(attrelid, attnum)), '' order by attnum)"
                " from pg_attribute where attrelid = 'runledger." +
                    name + "'::regclass and attnum > 0 and not attisdropped");
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
};

TEST_F(SqlDocs, SayOfEveryColumnWhatTheDatabaseSays) {
  for (const std::string name :
       {"operation_runs", "operation_run_attempts", "operation_runs_daily", "ledger_projections"})
    EXPECT_EQ(documented_columns(name), columns_of(name));
}

TEST_F(SqlDocs, LeaveNoTableAndNoColumnOfTheMirrorWithoutAMeaning) {
  EXPECT_EQ(psql(dsn,
                 "select string_agg(relname || coalesce('.' || attname, ''), ', ') from pg_class c"
                 " join pg_attribute a on a.attrelid = c.oid and attnum > 0 and not attisdropped"
                 " where relnamespace = 'runledger'::regnamespace and relkind in ('r', 'v')"
                 " and (col_description(c.oid, attnum) is null or obj_description(c.oid, 'pg_class') is null)"),
            "");
}

TEST_F(SqlDocs, HaveTenQueriesThatGiveRows) {
  EXPECT_EQ(queries().size(), 10U);
  pqxx::connection connection(dsn);
  pqxx::nontransaction statements(connection);
  statements.exec("set search_path = public");
  for (const std::string& query : queries()) {
    EXPECT_GT(statements.exec(query).size(), 0U) << query;
    EXPECT_THAT(query, testing::HasSubstr("runledger."));
  }
}

TEST_F(SqlDocs, TheRollUpOfADayIsTheSumOfItsRows) {
  EXPECT_EQ(psql(dsn,
                 "select sum(runs) || ' ' || sum(succeeded) || ' ' || sum(failed) || ' ' || sum(queued) || ' ' ||"
                 " sum(attempts) || ' ' || sum(deduped) from runledger.operation_runs_daily"),
            psql(dsn,
                 "select count(*) || ' ' || count(*) filter (where outcome = 'succeeded') || ' ' ||"
                 " count(*) filter (where outcome = 'failed') || ' ' || count(*) filter (where status = 'queued')"
                 " || ' ' || sum(attempt) || ' ' || sum(deduped_count) from runledger.operation_runs"));
  EXPECT_NE(psql(dsn, "select max(duration_seconds_p95) from runledger.operation_runs_daily"), "");
}

TEST_F(SqlDocs, TheRollUpOfADayCountsOnlyRowsThatItsReaderMaySee) {
  const auto seen = [&](const std::string& table) {
    return psql(dsn + " user=policy_reader", "select count(distinct tenant_id)::text from runledger." + table);
  };
  psql(dsn,
       "create role policy_reader login; grant usage on schema runledger to policy_reader;"
       " grant select on runledger.operation_runs, runledger.operation_runs_daily to policy_reader");
  EXPECT_EQ(seen("operation_runs"), seen("operation_runs_daily"));
  EXPECT_NE(seen("operation_runs"), "1");
  psql(dsn,
       "alter table operation_runs enable row level security;"
       " create policy own on operation_runs for select to policy_reader"
       " using (tenant_id = 'tenant-1')");
  EXPECT_EQ(seen("operation_runs"), "1");
  EXPECT_EQ(seen("operation_runs_daily"), "1");
  follow();  // The owner of the tables is held to no policy.
  psql(dsn, "drop owned by policy_reader; drop role policy_reader");
}

TEST_F(SqlDocs, AnIndexFindsLabelsAndWhatHasChanged) {
  const auto plan = [&](const std::string& query) {
    pqxx::connection connection(dsn);
    pqxx::nontransaction statements(connection);
    statements.exec("set enable_seqscan = off");
    std::string lines;
    for (const pqxx::row& row : statements.exec("explain " + query)) lines += row[0].as<std::string>() + "\n";
    return lines;
  };
  EXPECT_THAT(plan(R"(select id from operation_runs where labels @> '{"note": "plain"}')"),
              testing::HasSubstr("operation_runs_by_labels"));
  EXPECT_THAT(plan("select id from operation_runs where last_sequence > 1000000"),
              testing::HasSubstr("operation_runs_by_sequence"));
  EXPECT_THAT(plan("select run_id from operation_run_attempts where last_sequence > 1000000"),
              testing::HasSubstr("operation_run_attempts_by_sequence"));
}

// Such a mirror exists where an administrator dropped the one table that runledger does not need, and closed the other.
TEST_F(SqlDocs, AreNoObstacleToTheMigrationOfAMirrorWhoseOtherTablesAreNotThere) {
  psql(dsn,
       "drop view operation_runs_daily; drop index operation_runs_by_sequence, operation_runs_by_labels;"
       " drop table adapter_runs; alter table ledger_checkpoints rename column note to other;"
       " delete from ledger_migrations where number >= 9");
  follow();
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
  EXPECT_NE(columns_of("operation_runs_daily"), "");
}

}  // namespace
}  // namespace runledger
