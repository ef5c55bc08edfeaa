// The batches of the mirror: folded from the log, bounded in events and bytes.
#include "projections/postgres/mirror_batch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/mirror_world.h"

namespace runledger {
namespace {

using examples::run_id;

TEST(MirrorBatch, HoldsEveryTouchedRunOnceAsItStandsAtItsEnd) {
  MirrorWorld world;
  world.live(400);
  RunCache cache(1U << 20U);
  std::map<RunId, RunWithAttempts> mirror;
  MerkleFrontier at;
  while (at.size() < world.log().last().value) {
    const MirrorBatch batch = fold_batch(world.log(), at, {.events = 37}, cache);
    EXPECT_EQ(batch.from, Sequence{at.size()});
    EXPECT_LE(batch.to.value, at.size() + 37);
    std::set<RunId> touched;
    for (const RunWithAttempts& run : batch.runs) {
      const RunId id = run.row.id;
      EXPECT_TRUE(touched.insert(id).second) << "one run is in the batch twice";
      mirror[id] = run;
      if (id.value.bytes[15] % 2 == 0) cache.put(id, run);  // The other runs are folded from the log.
    }
    at = batch.tree;
    EXPECT_EQ(at, world.tree_at(batch.to));
    std::vector<OperationRun::Row> rows;
    std::vector<OperationRunAttempt::Row> attempts;
    for (const auto& [id, run] : mirror) {
      rows.push_back(run.row);
      attempts.insert(attempts.end(), run.attempts.begin(), run.attempts.end());
    }
    ASSERT_EQ(rows, world.rows_at(batch.to));
    ASSERT_EQ(attempts, world.attempts_at(batch.to));
  }
}

constexpr int kLargeRuns = 40;
constexpr std::size_t kLargeBytes = 10'000;
constexpr std::size_t kBytesMax = 100'000;

void request_large_runs(MirrorWorld& world) {
  std::vector<Command> commands;
  for (int number = 1; number <= kLargeRuns; ++number) {
    const std::string json = fmt::format(R"({{"n":{},"x":"{}"}})", number, std::string(kLargeBytes, 'x'));
    commands.emplace_back(examples::request({.run = run_id(number), .input = examples::input(json)}));
  }
  world.submit_all(commands);
}

TEST(MirrorBatch, EndsEarlyWhenItsEventsAreTooManyBytes) {
  MirrorWorld world;
  request_large_runs(world);
  RunCache cache(1U << 20U);
  const MirrorBatch batch = fold_batch(world.log(), {}, {.bytes = kBytesMax}, cache);
  EXPECT_GT(batch.runs.size(), 1U);
  EXPECT_LE(batch.runs.size(), kBytesMax / kLargeBytes);
  EXPECT_EQ(batch.to, Sequence{batch.runs.size()});
}

TEST(MirrorBatch, EndsEarlyWhenSmallEventsTouchRowsOfTooManyBytes) {
  MirrorWorld world;
  request_large_runs(world);
  const MerkleFrontier requested = world.log().head().tree;
  std::vector<Command> commands;
  for (int number = 1; number <= kLargeRuns; ++number) commands.emplace_back(StartAttempt{run_id(number), {}, {}});
  world.submit_all(commands);
  RunCache cache(1U << 20U);
  const MirrorBatch batch = fold_batch(world.log(), requested, {.bytes = kBytesMax}, cache);
  EXPECT_GT(batch.runs.size(), 1U);
  EXPECT_LE(batch.runs.size(), kBytesMax / kLargeBytes);
}

TEST(MirrorBatch, HasAtLeastOneEvent) {
  MirrorWorld world;
  request_large_runs(world);
  RunCache cache(1U << 20U);
  EXPECT_EQ(fold_batch(world.log(), {}, {.bytes = 1}, cache).to, Sequence{1});
}

}  // namespace
}  // namespace runledger
