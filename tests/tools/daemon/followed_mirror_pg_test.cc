// What the listener of a daemon's mirror hears of it.
#include "tools/daemon/followed_mirror.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

class MirrorListener : public testing::Test {
 protected:
  // Lets clients connect to the database of the mirror, or not.
  void let_in(bool allowed) {
    const std::string name = dsn.substr(dsn.rfind('=') + 1);
    psql(dsn.substr(0, dsn.rfind('=') + 1) + "postgres",
         "alter database " + name + " with allow_connections " + (allowed ? "true" : "false"));
  }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
  MirrorRebuilds rebuilds;
};

TEST_F(MirrorListener, HearsOnceThatPostgresWasReachedAlsoByARebuild) {
  world.live(50);
  let_in(false);
  std::atomic<int> opened = 0;
  std::promise<Result<RebuiltMirror>> answer;
  FollowedMirror mirror(
      world.log(), {.dsn = dsn}, rebuilds,
      {.opened = [&](std::string_view) { ++opened; },
       .advanced = [](Sequence) {},
       .unreachable =
           [&](std::string_view, std::string_view) {
             // The mirror looks for this request before it tries to connect again.
             rebuilds.request(
                 {.dry_run = true, .complete = [&](const Result<RebuiltMirror>& to) { answer.set_value(to); }});
             let_in(true);
           },
       .stopped = [](std::string_view code, std::string_view what) { ADD_FAILURE() << code << what; }});
  const Result<RebuiltMirror> rebuilt = answer.get_future().get();
  ASSERT_TRUE(rebuilt) << rebuilt.rejection().detail.str();
  EXPECT_EQ(opened, 1) << "signed checkpoints are stored in Postgres from then on";
  while (mirror.checkpoint() < world.log().last()) {
  }
  EXPECT_EQ(opened, 1);
}

}  // namespace
}  // namespace runledger
