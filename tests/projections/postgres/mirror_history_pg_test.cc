// A mirror goes on only with the history that it was folded from, whatever the id of the ledger is.
//
// A second world stands for a store that was put in the place of the first one: the line of the mirror is made to bear
// its id, as if both were the same ledger. A world with the same seed that lives through the same commands has the same
// events, so it stands for a copy of the store.
#include <gtest/gtest.h>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;

class MirrorHistory : public testing::Test {
 protected:
  MirrorHistory() {
    world.live(200);
    follow(world);
  }

  void follow(MirrorWorld& of) {
    Mirror mirror(of.log(), {.dsn = dsn});
    mirror.open(milliseconds(10'000));
    EXPECT_EQ(mirror.catch_up(), of.log().last());
    EXPECT_EQ(difference(read_mirror(dsn), of), "");
  }

  void put_in_place(MirrorWorld& other) {
    psql(dsn, "update ledger_projections set ledger_id = '" + format_uuid(other.ledger_id().value) + "'");
  }

  // Requires that the mirror is not opened for `other`, and that it is left as it was.
  void expect_refused(MirrorWorld& other) {
    put_in_place(other);
    const PlainRows rows = read_mirror(dsn).rows;
    const std::string before = line();
    const SeenFailure refusal = failure_of([&] { Mirror(other.log(), {.dsn = dsn}).open(milliseconds(10'000)); });
    EXPECT_EQ(refusal.code, "mirror.other_history") << refusal.what;
    EXPECT_EQ(refusal.remedy, Remedy::kDamageFound);
    EXPECT_EQ(rows, read_mirror(dsn).rows);
    EXPECT_EQ(before, line());
  }

  static std::string without_later_columns() {
    return "drop view if exists operation_runs_daily; drop table operation_run_attempts;"
           "alter table ledger_projections drop column attempts_revision;"
           "alter table operation_runs drop column labels, drop column parent_run_id, drop column root_run_id, "
           "drop column rerun_of, drop column caller, drop column imported_open, drop column skipped_count;";
  }

  std::string line() { return psql(dsn, "select line::text from ledger_projections line"); }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
};

TEST_F(MirrorHistory, AnOlderStoreThatWasPutBackAndWentOnIsNotMirrored) {
  MirrorWorld older;
  older.live(200);
  world.live(100);
  follow(world);
  (void)older.submit(examples::request({.run = examples::run_id(1)}));
  older.live(400);
  ASSERT_GT(older.log().last(), world.log().last());
  expect_refused(older);
}

TEST_F(MirrorHistory, AnotherHistoryUnderTheSameIdIsNotMirrored) {
  MirrorWorld other(2);
  other.live(1000);
  ASSERT_GT(other.log().last(), world.log().last());
  expect_refused(other);
}

TEST_F(MirrorHistory, ACopyOfTheStoreGoesOnWhereTheFirstOneStopped) {
  MirrorWorld copy;
  copy.live(200);
  put_in_place(copy);
  follow(copy);
  world.live(100);
  copy.live(300);
  follow(copy);
}

TEST_F(MirrorHistory, IsComparedAgainWhenTheConnectionWasLost) {
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  psql(dsn, "update ledger_projections set roots = translate(roots, '0123', '1230')");
  psql(dsn,
       "select pg_terminate_backend(pid, 60000) from pg_locks where locktype = 'advisory' and database ="
       " (select oid from pg_database where datname = current_database())");
  world.live(100);
  EXPECT_EQ(failure_of([&] { mirror.follow({}); }).code, "mirror.other_history");
}

TEST_F(MirrorHistory, ThatIsChangedUnderTheProjectorStopsIt) {
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  psql(dsn, "update ledger_projections set roots = translate(roots, '0123', '1230')");
  world.live(100);
  EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.busy");
}

TEST_F(MirrorHistory, OfRootsThatCannotBeThoseOfItsEventsIsAnother) {
  const std::string roots = read_mirror(dsn).roots;
  ASSERT_GT(roots.size(), 64U);
  for (const std::string& other :
       {std::string(), std::string("no hex"), roots + roots, roots.substr(64), roots.substr(0, roots.size() - 2)}) {
    psql(dsn, "update ledger_projections set roots = '" + other + "'");
    expect_refused(world);
  }
}

TEST_F(MirrorHistory, IsUnknownWithoutRootsUntilARebuild) {
  psql(dsn, "update ledger_projections set roots = null");
  world.live(100);
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  const std::string before = line();
  EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.other_revision");
  EXPECT_EQ(failure_of([&] { mirror.follow({}); }).code, "mirror.other_revision");
  EXPECT_EQ(mirror.rebuild(true).drifted, 0U);
  EXPECT_EQ(before, line());
  EXPECT_EQ(mirror.rebuild(false).drifted, 0U);
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
  world.live(50);
  EXPECT_EQ(mirror.catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorHistory, OfTablesThatAnOlderProgramMadeIsKnownAfterARebuild) {
  psql(dsn, "alter table ledger_projections drop column roots;" + without_later_columns() +
                "delete from ledger_migrations where number >= 3");
  Mirror mirror(world.log(), {.dsn = dsn});
  mirror.open(milliseconds(10'000));
  EXPECT_EQ(failure_of([&] { (void)mirror.catch_up(); }).code, "mirror.other_revision");
  (void)mirror.rebuild(false);
  world.live(50);
  EXPECT_EQ(mirror.catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorHistory, OfRunsThatWereRequestedWithNoMoreThanTheirInputGoesOnAfterTheMigration) {
  MirrorWorld plain;
  for (int number = 1; number <= 20; ++number)
    (void)plain.submit(examples::request(
        {.run = examples::run_id(number), .input = examples::input("{\"n\":" + std::to_string(number) + "}")}));
  dsn = PrivatePostgres::shared().make_database();
  follow(plain);
  psql(dsn, without_later_columns() + "delete from ledger_migrations where number >= 4");
  (void)plain.submit(StartAttempt{examples::run_id(1), sanitize("w"), {}});
  follow(plain);
}

}  // namespace
}  // namespace runledger
