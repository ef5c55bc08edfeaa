// The batches of the mirror: folded from the log, bounded in events and bytes; and the memory of rows they use.
#include "projections/postgres/mirror_batch.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/fixtures/examples.h"
#include "tests/fixtures/mirror_world.h"

namespace runledger {
namespace {

using examples::run_id;

OperationRun::Row row_of(int number, std::size_t input_bytes = 0) {
  OperationRun::Row row;
  row.id = run_id(number);
  row.context = examples::input("{\"x\":\"" + std::string(input_bytes, 'x') + "\"}");
  return row;
}

TEST(RowCache, GivesBackWhatWasPutThereOnce) {
  RowCache cache(1U << 20U);
  cache.put(row_of(1, 10));
  EXPECT_EQ(cache.take(run_id(1)), row_of(1, 10));
  EXPECT_EQ(cache.take(run_id(1)), std::nullopt);
}

TEST(RowCache, ForgetsRowsThatWereNotUsedLatelyWhenTheyAreTooManyBytes) {
  RowCache cache(100'000);
  for (int number = 1; number <= 40; ++number) {
    if (std::optional<OperationRun::Row> used = cache.take(run_id(1))) cache.put(*std::move(used));
    cache.put(row_of(number, 10'000));
  }
  EXPECT_TRUE(cache.take(run_id(1)).has_value()) << "it was used all the time";
  EXPECT_TRUE(cache.take(run_id(40)).has_value());
  EXPECT_FALSE(cache.take(run_id(2)).has_value());
}

TEST(RowCache, IsEmptyAfterClear) {
  RowCache cache(1U << 20U);
  cache.put(row_of(1));
  cache.clear();
  EXPECT_EQ(cache.take(run_id(1)), std::nullopt);
}

TEST(MirrorBatch, HoldsEveryTouchedRunOnceAsItStandsAtItsEnd) {
  MirrorWorld world;
  world.live(400);
  RowCache cache(1U << 20U);
  std::map<RunId, OperationRun::Row> mirror;
  Sequence at;
  while (at < world.log().last()) {
    const MirrorBatch batch = fold_batch(world.log(), at, 37, cache);
    EXPECT_EQ(batch.from, at);
    EXPECT_LE(batch.to.value, at.value + 37);
    std::set<RunId> touched;
    for (const OperationRun::Row& row : batch.rows) {
      EXPECT_TRUE(touched.insert(row.id).second) << "a run that is there twice";
      mirror[row.id] = row;
      if (row.id.value.data[15] % 2 == 0) cache.put(row);  // The rest is folded from the log.
    }
    at = batch.to;
    std::vector<OperationRun::Row> rows;
    for (const auto& [run, row] : mirror) rows.push_back(row);
    ASSERT_EQ(rows, world.rows_at(at));
  }
}

TEST(MirrorBatch, EndsEarlyWhenItsEventsAreTooManyBytes) {
  MirrorWorld world;
  for (int number = 1; number <= 300; ++number)
    (void)world.tell(examples::request({.run = run_id(number),
                                        .input = examples::input("{\"n\":" + std::to_string(number) + ",\"x\":\"" +
                                                                 std::string(60'000, 'x') + "\"}")}));
  RowCache cache(1U << 20U);
  const MirrorBatch batch = fold_batch(world.log(), Sequence{}, 5000, cache);
  EXPECT_GT(batch.rows.size(), 200U);
  EXPECT_LT(batch.rows.size(), 300U);
  EXPECT_EQ(batch.to, Sequence{batch.rows.size()});
  EXPECT_EQ(fold_batch(world.log(), batch.to, 5000, cache).to, world.log().last());
}

}  // namespace
}  // namespace runledger
