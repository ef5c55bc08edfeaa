// The mirror following the log: exact at every checkpoint, whatever the history.
#include <gtest/gtest.h>

#include "ledger/failure.h"
#include "tests/fixtures/examples.h"
#include "tests/fixtures/mirror_world.h"
#include "tests/fixtures/private_postgres.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;

class MirrorFollow : public testing::Test {
 protected:
  MirrorOptions options() { return {.dsn = dsn, .events_per_batch_max = 100}; }

  std::string dsn = PrivatePostgres::shared().make_database();
  MirrorWorld world;
};

TEST_F(MirrorFollow, EqualsTheFoldAfterEveryBatchOfARandomHistory) {
  Mirror mirror(world.log(), options());
  mirror.open(milliseconds(0));
  for (int round = 0; round < 20; ++round) {
    world.live(300);
    EXPECT_EQ(mirror.catch_up(), world.log().last());
    const MirrorSnapshot found = read_mirror(dsn);
    EXPECT_EQ(found.checkpoint, world.log().last());
    ASSERT_EQ("", difference(found, world));
  }
  EXPECT_GT(world.log().last().value, 1000U);
}

}  // namespace
}  // namespace runledger
