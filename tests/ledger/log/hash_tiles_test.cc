// The stored hashes of the tree: they follow the log, and are made again when they are wrong.
#include "ledger/log/hash_tiles.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <atomic>
#include <random>
#include <thread>

#include "ledger/base/failure.h"
#include "ledger/log/entries.h"
#include "ledger/log/merkle.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/models/naive_tree.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

class HashTilesTest : public testing::Test {
 protected:
  void append(std::size_t count) { here.append(maker.next(count)); }
  [[nodiscard]] Head head() const { return here.log->head(); }
  [[nodiscard]] rocksdb::DB& db() const { return here.store->derived(Derived::kTiles).db(); }

  NaiveTree naive() const {
    std::vector<std::string> leaves;
    here.log->scan({}, here.log->last(), [&](const Envelope&, std::string_view stored) {
      leaves.emplace_back(stored);
      return Scan::kContinue;
    });
    return NaiveTree(std::move(leaves));
  }

  LogDirectory here{LogDirectory::Disk::kMemory};
  EventMaker maker;
};

// The key of a tile (ledger/log/hash_tiles.cc).
std::string key_of(char level, char index) {
  return std::string("T") + level + std::string(7, '\0') + index;
}

TEST_F(HashTilesTest, HaveTheHashOfEveryCompleteSubtree) {
  const HashTiles tiles(*here.store);
  for (const std::size_t count : {1U, 254U, 1U, 1U, 300U, 1200U}) {
    append(count);
    tiles.catch_up(head());
    const NaiveTree tree = naive();
    ASSERT_EQ(tiles.size(), tree.size());
    for (unsigned level = 0; (tree.size() >> level) != 0; ++level) {
      for (std::uint64_t index = 0; index < tree.size() >> level; index += 1 + (index % 7) * 5)
        ASSERT_EQ(tiles.hash(level, index), tree.source()(level, index)) << level << " " << index;
    }
    EXPECT_EQ(tiles.find_difference(head()), std::nullopt);
  }
}

TEST_F(HashTilesTest, WithAnyOfAThousandChangesDiffer) {
  append(700);
  const HashTiles tiles(*here.store);
  tiles.catch_up(head());
  std::mt19937 random(15);
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
  const std::string keys[] = {key_of(0, 0), key_of(0, 1), key_of(0, 2), key_of(1, 0)};
  for (int i = 0; i < 1000; ++i) {
    const std::string& key = keys[below(4)];
    std::string hashes;
    ASSERT_TRUE(db().Get({}, key, &hashes).ok());
    std::string changed = hashes;
    const std::size_t at = below(changed.size());
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 + below(255)));
    ASSERT_TRUE(db().Put({}, key, changed).ok());
    EXPECT_NE(tiles.find_difference(head()), std::nullopt) << i;
    ASSERT_TRUE(db().Put({}, key, hashes).ok());
  }
  EXPECT_EQ(tiles.find_difference(head()), std::nullopt);
}

TEST_F(HashTilesTest, AreReadWhileOthersFollowAndRemoveThem) {
  append(600);
  const HashTiles tiles(*here.store);
  tiles.catch_up(head());
  const std::string first = tiles.hashes({.level = 0, .index = 1});
  EXPECT_EQ(first.size(), 8192U);
  EXPECT_EQ(tiles.hashes({.level = 0, .index = 1, .width = 3}), first.substr(0, 96));
  std::atomic<bool> ended = false;
  std::jthread reader([&] {
    while (!ended) {
      try {
        EXPECT_EQ(tiles.hashes({.level = 0, .index = 1}), first);
      } catch (const Failure& failure) {  // In the moment between removing them and making them again.
        EXPECT_EQ(failure.code(), "rows.damaged");
      }
    }
  });
  for (int i = 0; i < 20; ++i) {
    append(10);
    tiles.catch_up(head());
    if (i % 5 == 0) tiles.rebuild([this] { return head(); });
  }
  ended = true;
}

TEST_F(HashTilesTest, LieInTheLayoutOfTiledLogs) {
  append(700);
  HashTiles(*here.store).catch_up(head());
  const NaiveTree tree = naive();
  std::string leaves;
  for (std::size_t i = 256; i < 512; ++i) leaves += bytes_of(tree.leaf(i));
  std::string found;
  ASSERT_TRUE(db().Get({}, key_of(0, 1), &found).ok());
  EXPECT_EQ(found, leaves);
  ASSERT_TRUE(db().Get({}, key_of(0, 2), &found).ok());
  EXPECT_EQ(found.size(), (700 - 512) * 32U) << "partial";
  ASSERT_TRUE(db().Get({}, key_of(1, 0), &found).ok());
  EXPECT_EQ(found, std::string(bytes_of(tree.root(0, 256))) + std::string(bytes_of(tree.root(256, 512))));
  EXPECT_TRUE(db().Get({}, key_of(2, 0), &found).IsNotFound());
}

TEST_F(HashTilesTest, AreMadeAgainWhenTheyDoNotLeadToTheHead) {
  append(600);
  const HashTiles tiles(*here.store);
  tiles.catch_up(head());
  for (const std::string& key : {key_of(0, 2), key_of(1, 0), std::string("S")}) {
    ASSERT_TRUE(db().Put({}, key, "nonsense").ok());
    EXPECT_NE(tiles.find_difference(head()), std::nullopt) << key[0];
    tiles.catch_up(head());
    EXPECT_EQ(tiles.find_difference(head()), std::nullopt);
  }
  ASSERT_TRUE(db().Put({}, key_of(0, 0), std::string(8192, 'x')).ok());
  EXPECT_NE(tiles.find_difference(head()), std::nullopt) << "a tile that the root does not show";
  tiles.rebuild([this] { return head(); });
  EXPECT_EQ(tiles.find_difference(head()), std::nullopt);
}

TEST_F(HashTilesTest, OfANewerLogAreDroppedWhenAnOlderOneIsPutBack) {
  append(300);
  const Head older = head();
  append(300);
  const HashTiles tiles(*here.store);
  tiles.catch_up(head());
  EXPECT_NE(tiles.find_difference(older), std::nullopt);
  tiles.catch_up(older);
  EXPECT_EQ(tiles.size(), 300U);
}

TEST_F(HashTilesTest, ThatACrashTookAwayAreMadeAgain) {
  append(5000);
  HashTiles(*here.store).catch_up(head());  // So many that they are flushed.
  append(300);
  HashTiles(*here.store).catch_up(head());  // So few that only memory has them.
  EXPECT_EQ(HashTiles(*here.store).size(), 5300U);
  here.close();
  here.open();
  EXPECT_EQ(HashTiles(*here.store).size(), 5000U) << "as they were after an earlier write";
  HashTiles(*here.store).catch_up(head());
  EXPECT_EQ(HashTiles(*here.store).size(), 5300U);
  EXPECT_EQ(HashTiles(*here.store).find_difference(head()), std::nullopt);
}

TEST_F(HashTilesTest, GoOnWhereTheyWereInterrupted) {
  append(5000);
  int asked = 0;
  const HashTiles impatient(*here.store, [&asked] { return ++asked == 2; });
  EXPECT_EQ(failure_of([&] { impatient.catch_up(head()); }).code, "tiles.interrupted");
  here.close();
  here.open();
  EXPECT_EQ(HashTiles(*here.store).size(), 2048U);
  HashTiles(*here.store).catch_up(head());
  EXPECT_EQ(HashTiles(*here.store).find_difference(head()), std::nullopt);
}

TEST_F(HashTilesTest, OfADamagedLogAreRefused) {
  append(30);
  auto* const events = here.store->family(Family::kEvents);
  ASSERT_TRUE(here.store->db().Put({}, events, event_key(Sequence{7}), "forged").ok());
  EXPECT_EQ(failure_of([&] { HashTiles(*here.store).catch_up(head()); }).code, "storage.damaged");
  ASSERT_TRUE(here.store->db().Delete({}, events, event_key(Sequence{7})).ok());
  EXPECT_EQ(failure_of([&] { HashTiles(*here.store).catch_up(head()); }).code, "storage.damaged");
}

TEST_F(HashTilesTest, GoIntoACopyIfThereAreAny) {
  append(300);
  const auto copy_has_tiles = [this](const char* name) {
    Store::Options options;
    options.directory = here.parent.path() / name;
    options.env = here.memory.get();
    here.store->copy_to(options.directory);
    const Store copy(options);
    return copy.has_derived(Derived::kTiles) && HashTiles(copy).size() == 300;
  };
  EXPECT_FALSE(copy_has_tiles("without"));
  EXPECT_FALSE(here.store->has_derived(Derived::kTiles)) << "a copy makes none";
  HashTiles(*here.store).catch_up(head());
  EXPECT_TRUE(copy_has_tiles("with"));
}

}  // namespace
}  // namespace runledger
