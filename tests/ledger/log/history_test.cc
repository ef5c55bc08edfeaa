// Whether a log goes on from a tree that was remembered elsewhere.
#include "ledger/log/history.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "ledger/log/entries.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

class LogHistory : public testing::Test {
 protected:
  void append(std::size_t count) { here.append(maker.next(count)); }

  LogDirectory here;
  EventMaker maker;
};

TEST_F(LogHistory, GoesOnFromEveryTreeThatItHad) {
  std::vector<Head> heads{here.log->head()};
  for (const std::size_t count : {1U, 2U, 5U, 13U}) {
    append(count);
    heads.push_back(here.log->head());
  }
  for (const Head& earlier : heads) {
    EXPECT_TRUE(continues(*here.store, earlier.tree, heads.back())) << earlier.sequence.value;
    EXPECT_EQ(extend_tree(*here.store, earlier.tree, heads.back().sequence), heads.back().tree);
    EXPECT_EQ(extend_tree(*here.store, {}, earlier.sequence), earlier.tree);
  }
}

TEST_F(LogHistory, DoesNotGoOnFromTheTreeOfOtherEvents) {
  append(21);
  MerkleFrontier other;
  for (std::uint64_t leaves = 1; leaves <= 21; ++leaves) {
    other.append("other");
    EXPECT_FALSE(continues(*here.store, other, here.log->head())) << leaves;
  }
}

TEST_F(LogHistory, OfALogWithAMissingEventIsDamage) {
  append(9);
  const Head head = here.log->head();
  check(here.store->db().Delete({}, here.store->family(Family::kEvents), event_key(Sequence{7})), "a test's write");
  for (const std::uint64_t to : {9U, 7U}) {
    EXPECT_EQ(failure_of([&] { (void)extend_tree(*here.store, {}, Sequence{to}); }).code, "storage.damaged") << to;
  }
  EXPECT_EQ(extend_tree(*here.store, {}, Sequence{6}).size(), 6U);
  EXPECT_EQ(failure_of([&] { (void)continues(*here.store, extend_tree(*here.store, {}, Sequence{6}), head); }).code,
            "storage.damaged");
}

}  // namespace
}  // namespace runledger
