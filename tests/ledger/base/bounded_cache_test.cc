// Tests which entries the cache keeps and evicts, and how it counts them.
#include "ledger/base/bounded_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace runledger {
namespace {

struct Length {
  std::size_t operator()(const std::string& text) const { return text.size(); }
};

TEST(BoundedCache, LoadsOnlyWhatItDoesNotHold) {
  BoundedCache<int, int> cache(2);
  int loads = 0;
  const auto load = [&loads] { return ++loads; };
  EXPECT_EQ(cache.get(7, load), 1);
  EXPECT_EQ(cache.get(7, load), 1);
  EXPECT_EQ(cache.get(8, load), 2);
  EXPECT_EQ(loads, 2);
}

TEST(BoundedCache, KeepsWhatIsChangedInPlace) {
  BoundedCache<int, int> cache(1);
  cache.get(7, [] { return 1; }) = 40;
  cache.turn();
  EXPECT_EQ(cache.get(7, [] { return 2; }), 40);
}

TEST(BoundedCache, ForgetsAtATurnWhatWasNotUsedForAGeneration) {
  BoundedCache<int, int> cache(1);
  const auto held = [&cache](int key) { return cache.get(key, [] { return -1; }) != -1; };
  cache.get(1, [] { return 1; });
  cache.get(2, [] { return 2; });
  cache.turn();
  EXPECT_TRUE(held(1));
  cache.turn();
  EXPECT_TRUE(held(1));
  EXPECT_FALSE(held(2));
}

TEST(BoundedCache, AReferenceStaysGoodWhileOthersComeIn) {
  BoundedCache<int, std::string> cache(1);
  std::string& first = cache.get(0, [] { return std::string("first"); });
  for (int key = 1; key < 1000; ++key) cache.get(key, [] { return std::string("other"); });
  EXPECT_EQ(first, "first");
}

TEST(BoundedCache, GivesBackOnceWhatWasPutThere) {
  BoundedCache<int, std::string, Length> cache(100);
  cache.put(1, "one");
  EXPECT_EQ(cache.take(1), "one");
  EXPECT_EQ(cache.take(1), std::nullopt);
}

TEST(BoundedCache, HoldsAsMuchAsItsCostAllows) {
  BoundedCache<int, std::string, Length> cache(50);
  for (int key = 1; key <= 40; ++key) {
    if (std::optional<std::string> used = cache.take(1)) cache.put(1, *std::move(used));
    cache.put(key, std::string(10, 'x'));
  }
  EXPECT_TRUE(cache.take(1).has_value()) << "an entry in constant use must not be evicted";
  EXPECT_TRUE(cache.take(40).has_value());
  EXPECT_FALSE(cache.take(2).has_value());
}

TEST(BoundedCache, WhatIsTakenOutNoLongerCounts) {
  BoundedCache<int, std::string, Length> cache(20);
  cache.put(1, std::string(10, 'x'));
  for (int key = 2; key < 100; ++key) {
    cache.put(key, std::string(9, 'x'));
    EXPECT_TRUE(cache.take(key).has_value());
  }
  EXPECT_TRUE(cache.take(1).has_value());
}

TEST(BoundedCache, IsEmptyAfterClear) {
  BoundedCache<int, std::string, Length> cache(100);
  cache.put(1, "one");
  cache.clear();
  EXPECT_EQ(cache.take(1), std::nullopt);
}

}  // namespace
}  // namespace runledger
