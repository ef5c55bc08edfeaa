// What several sources together know of erasures.
#include "ledger/backup/known_erasures.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

// Names the keys from number `from` on, up to `to`, as a checkpoint does that names the newest only.
ErasedKeys keys(std::uint64_t from, std::uint64_t to) {
  ErasedKeys named{.total = to, .newest = {}};
  for (std::uint64_t n = from; n <= to; ++n) named.newest.push_back({n});
  return named;
}

TEST(KnownErasures, AreThoseOfAllSources) {
  KnownErasures known;
  EXPECT_TRUE(known.empty());
  EXPECT_EQ(known.known_to(), Sequence{});
  known.add("a checkpoint", Sequence{20}, keys(2, 3));
  known.add("a backup", Sequence{10}, keys(1, 2));
  EXPECT_EQ(known.keys(), (std::vector<SealKeyId>{{1}, {2}, {3}}));
  EXPECT_EQ(known.source_of({2}), "a checkpoint") << "the first that named it";
  EXPECT_EQ(known.source_of({1}), "a backup");
  EXPECT_EQ(known.source_of({9}), "");
  EXPECT_EQ(known.known_to(), Sequence{20});
}

TEST(KnownErasures, SayHowManyOfThemNothingNames) {
  KnownErasures known;
  EXPECT_EQ(known.unnamed(0), 0U);
  known.add("a checkpoint without erasures", Sequence{5}, {});
  EXPECT_EQ(known.unnamed(0), 0U);
  known.add("the newest", Sequence{50}, keys(41, 50));
  EXPECT_EQ(known.unnamed(0), 40U);
  EXPECT_EQ(known.unnamed(30), 10U) << "the backup has the others";
  EXPECT_EQ(known.unnamed(45), 0U);
  known.add("one from before", Sequence{30}, keys(21, 30));
  EXPECT_EQ(known.unnamed(0), 30U);
  EXPECT_EQ(known.unnamed(20), 10U);
  known.add("one between", Sequence{40}, keys(29, 40));
  EXPECT_EQ(known.unnamed(20), 0U);
  EXPECT_EQ(known.unnamed(19), 1U);
}

}  // namespace
}  // namespace runledger
