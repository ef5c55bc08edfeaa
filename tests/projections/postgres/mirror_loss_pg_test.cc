// Cuts connections and kills servers under the mirror: it continues, and is exact at every moment.
//
// A Follower keeps a mirror on the log of a MirrorWorld, in batches of 50 events so that there are many commits. A
// CuttingProxy cuts its connection at a chosen commit or byte, or the test kills the whole server at a random time and
// starts it again. While that happens, the test reads checkpoint and rows in one transaction, as any application would,
// and compares them with its own fold at that checkpoint. One wrong reading fails the test, not only a wrong end.
#include <gtest/gtest.h>

#include <future>
#include <stop_token>

#include "ledger/base/failure.h"
#include "tests/fixtures/proxies/cutting_proxy.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Follows the log in a thread of its own until stop() is called.
class Follower {
 public:
  Follower(EventLog& log, MirrorOptions options) : mirror_(log, std::move(options)) {
    mirror_.open(seconds(30));
    followed_ = std::async(std::launch::async, [this] { mirror_.follow(stop_.get_token()); });
  }
  ~Follower() { stop_.request_stop(); }

  // Throws the exception that ended follow(), if there was one.
  void stop() {
    stop_.request_stop();
    followed_.get();
  }

 private:
  Mirror mirror_;
  std::stop_source stop_;
  std::future<void> followed_;
};

class MirrorLoss : public testing::Test {
 protected:
  MirrorOptions options(const std::string& to) {
    return {.dsn = to,
            .events_per_batch_max = 50,
            .events_per_long_batch_max = 50,
            .reconnect_delay_min = milliseconds(1),
            .reconnect_delay_max = milliseconds(50)};
  }

  // Reads until the mirror has reached the end of the log; every reading on the way must be exact.
  void expect_exact_until_caught_up() {
    for (;;) {
      const ReadMirror found = read_mirror(dsn);
      ASSERT_EQ(difference(found, world), "");
      if (found.checkpoint == world.log().last()) return;
    }
  }

  PrivatePostgres postgres;  // A test stops it.
  std::string dsn = postgres.make_database();
  MirrorWorld world;
};

TEST_F(MirrorLoss, ReadersSeeTheFoldAtTheCheckpointAtEveryInstantWhileItFollows) {
  Follower follower(world.log(), options(dsn));
  for (int round = 0; round < 20; ++round) {
    world.live(200);
    ASSERT_EQ(difference(read_mirror(dsn), world), "");
  }
  expect_exact_until_caught_up();
  follower.stop();
}

TEST_F(MirrorLoss, ACommitThatNeverReachedTheServerIsWrittenAgain) {
  CuttingProxy proxy(postgres.socket());
  Mirror mirror(world.log(), options(proxy.through(dsn)));
  mirror.open(seconds(30));
  for (std::size_t nth = 1; nth <= 4; ++nth) {
    world.live(800);
    proxy.cut_once(CuttingProxy::Moment::kBeforeServerSeesCommit, nth);
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    EXPECT_FALSE(proxy.armed()) << "the log was too short to be cut at commit " << nth;
    ASSERT_EQ(difference(read_mirror(dsn), world), "");
  }
}

TEST_F(MirrorLoss, ACommitWhoseAnswerWasLostIsNotWrittenTwice) {
  CuttingProxy proxy(postgres.socket());
  Mirror mirror(world.log(), options(proxy.through(dsn)));
  mirror.open(seconds(30));
  for (std::size_t nth = 1; nth <= 4; ++nth) {
    world.live(800);
    proxy.cut_once(CuttingProxy::Moment::kAfterServerAnsweredCommit, nth);
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    EXPECT_FALSE(proxy.armed()) << "the log was too short to be cut at commit " << nth;
    ASSERT_EQ(difference(read_mirror(dsn), world), "");
  }
}

TEST_F(MirrorLoss, ItIsExactWhereverTheClientsBytesWereCut) {
  CuttingProxy proxy(postgres.socket());
  Mirror mirror(world.log(), options(proxy.through(dsn)));
  mirror.open(seconds(30));
  std::minstd_rand random(7);
  for (int round = 0; round < 40; ++round) {
    world.live(200);
    proxy.cut_once(CuttingProxy::Moment::kAfterClientBytes, 1 + random() % 40'000);
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    ASSERT_EQ(difference(read_mirror(dsn), world), "");
  }
}

TEST_F(MirrorLoss, OpeningSucceedsWhereverItsFirstConnectionWasCut) {
  CuttingProxy proxy(postgres.socket());
  for (std::size_t bytes = 1; bytes <= 6000; bytes += 400) {
    const std::string fresh = postgres.make_database();
    Mirror mirror(world.log(), options(proxy.through(fresh)));
    proxy.cut_once(CuttingProxy::Moment::kAfterClientBytes, bytes);
    world.live(20);
    mirror.open(seconds(30));
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    ASSERT_EQ(difference(read_mirror(fresh), world), "");
  }
}

TEST_F(MirrorLoss, APostgresThatIsKilledInMidBatchFindsTheMirrorExactWhenItIsBack) {
  Follower follower(world.log(), options(dsn));
  std::minstd_rand random(7);
  for (int round = 0; round < 8; ++round) {
    // The time of the kill is random: after some of the batches that are written now.
    world.live(2000);
    const Sequence moment{world.log().last().value - random() % 1500};
    while (read_mirror(dsn).checkpoint < moment) {
    }
    postgres.stop_at_once();
    postgres.start();
    ASSERT_EQ(difference(read_mirror(dsn), world), "") << "after kill " << round;
  }
  expect_exact_until_caught_up();
  follower.stop();
}

// This happens after a failover to a server that lagged, or after a backup was restored.
TEST_F(MirrorLoss, APostgresThatComesBackAtAnOlderCheckpointIsFollowedFromThere) {
  Mirror mirror(world.log(), options(dsn));
  mirror.open(seconds(30));
  world.live(300);
  mirror.catch_up();
  psql(dsn,
       "create table operation_runs_then as select * from operation_runs;"
       " create table ledger_projections_then as select * from ledger_projections");
  world.live(300);
  mirror.catch_up();

  psql(dsn,
       "delete from operation_runs; insert into operation_runs select * from operation_runs_then;"
       " delete from ledger_projections; insert into ledger_projections select * from ledger_projections_then");
  psql(dsn,
       "select pg_terminate_backend(pid) from pg_stat_activity"
       " where datname = current_database() and pid <> pg_backend_pid()");
  world.live(20);
  EXPECT_EQ(mirror.catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

// A standby behaves like this until it is made the primary.
TEST_F(MirrorLoss, APostgresThatTakesNoWritesForNowIsWaitedFor) {
  const std::string set =
      "alter database " + psql(dsn, "select current_database()") + " set default_transaction_read_only = ";
  psql(dsn, set + "on");
  for (const char* attributes : {"", " target_session_attrs=any"}) {
    Mirror mirror(world.log(), options(dsn + attributes));
    const SeenFailure failure = failure_of([&] { mirror.open(milliseconds(0)); });
    EXPECT_EQ(failure.code, "mirror.unreachable") << failure.what;
    EXPECT_EQ(failure.remedy, Remedy::kReconnect);
  }
  Mirror mirror(world.log(), options(dsn + " target_session_attrs=any"));
  std::future<void> opened = std::async(std::launch::async, [&] { mirror.open(seconds(30)); });
  psql(dsn, "begin read write; " + set + "off; commit");
  opened.get();
  world.live(100);
  EXPECT_EQ(mirror.catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

TEST_F(MirrorLoss, FollowingStopsWhenToldSoWhilePostgresIsAway) {
  Follower follower(world.log(), options(dsn));
  postgres.stop_at_once();
  world.live(100);
  follower.stop();
  postgres.start();
  EXPECT_LT(read_mirror(dsn).checkpoint, world.log().last());
}

TEST_F(MirrorLoss, AConnectionThatWasIdleWhenPostgresRestartedIsMadeAgain) {
  Mirror mirror(world.log(), options(dsn));
  mirror.open(seconds(30));
  postgres.stop_at_once();
  postgres.start();
  world.live(100);
  EXPECT_EQ(mirror.catch_up(), world.log().last());
  EXPECT_EQ(difference(read_mirror(dsn), world), "");
}

}  // namespace
}  // namespace runledger
