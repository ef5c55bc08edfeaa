// Where a reader of a ledger in the same process may wait for events, and where it may not.
#include <gtest/gtest.h>

#include "projections/reader/ledger_reader.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

TEST(EmbeddedReader, WaitsAtTheEndOfTheLogButNeverAfterIt) {
  TemporaryLedger world;
  (void)world.ledger().sequencer().submit({.command = examples::request({.run = examples::run_id(1)})}).get();
  const std::unique_ptr<LedgerReader> reader = embedded_reader(world.ledger());
  const auto read = [&reader](std::uint64_t after, std::chrono::milliseconds wait) {
    return reader->events({.after = Sequence{after}, .filter = {}, .count_max = 10, .wait = wait});
  };
  EXPECT_EQ(read(0, {})->events.size(), 1U);
  EXPECT_EQ(read(1, std::chrono::milliseconds(1))->events.size(), 0U);
  const Result<EventPage> refused = read(2, std::chrono::hours(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.rejection().code, "position.ahead");
  EXPECT_EQ(refused.rejection().detail.str(), "expected a position up to the end of the log, which is 1, found 2");
}

}  // namespace
}  // namespace runledger
