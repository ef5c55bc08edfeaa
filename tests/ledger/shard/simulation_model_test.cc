// Seeded simulations of three nodes on an engine in trouble. A failure names its seed.
//
// LEDGER_TESTS_SEEDS sets how many there are, and LEDGER_TESTS_SEED the first: scripts/simulate-shards runs 50,000.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/fixtures/models/shard_simulation.h"

namespace runledger {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::stoull(value);
}

TEST(ShardSimulation, KeepsEveryPromiseUnderEverySeed) {
  const std::uint64_t first = setting("LEDGER_TESTS_SEED", 1);
  const std::uint64_t seeds = setting("LEDGER_TESTS_SEEDS", 500);
  SimulatedShard all;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const SimulatedShard seen = simulate_shard(seed);
    ASSERT_EQ(seen.wrong, std::nullopt) << "LEDGER_TESTS_SEED=" << seed << " LEDGER_TESTS_SEEDS=1 repeats it";
    all.acknowledged += seen.acknowledged;
    all.not_done += seen.not_done;
    all.unknown += seen.unknown;
    all.leaderships += seen.leaderships;
    all.passed_over += seen.passed_over;
  }
  fmt::print(
      "{} seeds: {} commits acknowledged, {} not done, {} unknown at a restart; {} leaderships, {} entries "
      "passed over\n",
      seeds, all.acknowledged, all.not_done, all.unknown, all.leaderships, all.passed_over);
  EXPECT_GT(all.acknowledged, 10 * seeds);
  EXPECT_GT(all.not_done, 0U);
  EXPECT_GT(all.leaderships, seeds);
  EXPECT_GT(all.passed_over, 0U);
}

// Which of the weakened protocols a simulation finds wrong, within some seeds.
bool finds(Weakness weakness) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    if (simulate_shard(seed, weakness).wrong) return true;
  }
  return false;
}

TEST(ShardSimulation, FindsEveryWeakenedProtocolWrong) {
  EXPECT_TRUE(finds(Weakness::kCopiesCount));
  EXPECT_TRUE(finds(Weakness::kEpochIgnored));
  EXPECT_TRUE(finds(Weakness::kGapUnread));
  EXPECT_TRUE(finds(Weakness::kNoFenceAfterUnknown));
  EXPECT_TRUE(finds(Weakness::kBlindToCopies));
}

}  // namespace
}  // namespace runledger
