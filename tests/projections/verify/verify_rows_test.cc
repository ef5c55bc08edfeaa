// What verify finds in entries of events and in roll-ups.
#include <gtest/gtest.h>

#include <set>

#include "projections/rows/event_index.h"
#include "projections/rows/rollup_index.h"
#include "projections/rows/store.h"
#include "projections/verify/verify.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

using Codes = std::set<std::string>;

class VerifyRows : public testing::Test {
 protected:
  VerifyRows() : day(a_day()) {
    stored.append(day.ledger());
    RowStore(stored.log()).catch_up();
  }

  Codes found() {
    Codes codes;
    for (const Finding& finding : verify_ledger(stored.log()).findings) codes.insert(finding.code);
    return codes;
  }

  History day;
  StoredLog stored;
};

TEST_F(VerifyRows, AnEntryOfAnEventThatIsMissingWrongOrTooManyIsNamed) {
  std::size_t events = 0;
  for (const Envelope& envelope : day.events()) {
    for (const std::string& entry : row_index::event_entries(envelope)) {
      ++events;
      if (events % 4 != 0) continue;
      const std::string right = stored.get_derived(entry).value();
      EXPECT_EQ(right, row_index::encode_run(envelope.run));
      stored.erase_derived(entry);
      EXPECT_EQ(found(), Codes{"row_index.missing"});
      stored.put_derived(entry, row_index::encode_run(examples::run_id(777)));
      EXPECT_EQ(found(), Codes{"row_index.differs"});
      stored.put_derived(entry, right);
    }
  }
  EXPECT_GT(events, 10U);
  EXPECT_EQ(found(), Codes{});
  for (const char* extra : {"d", "dx0 no position", "dzz0 stray of a kind"}) {
    stored.put_derived(extra, row_index::encode_run(examples::run_id(5)));
    EXPECT_EQ(found(), Codes{"row_index.extra"});
    stored.erase_derived(extra);
  }
}

TEST_F(VerifyRows, WrongMissingAndSuperfluousRollupsAreNamed) {
  const Envelope& first = day.events().front();
  const std::string group =
      row_index::rollup_group(row_index::levels_of(first.scope).front(), std::get<Requested>(first.event).type);
  for (const row_index::Grain grain : row_index::kGrains) {
    const std::string key = row_index::rollup_key(group, grain, row_index::start_of(grain, first.recorded_at));
    const std::string good = stored.get_derived(key).value();
    stored.put_derived(key, Rollup().encode());
    EXPECT_EQ(found(), Codes{"statistics.differs"});
    stored.erase_derived(key);
    EXPECT_EQ(found(), Codes{"statistics.missing"});
    stored.put_derived(key, good);
  }
  stored.put_derived(row_index::rollup_key(group, row_index::Grain::kHour, Time{}), Rollup().encode());
  EXPECT_EQ(found(), Codes{"statistics.extra"});
}

}  // namespace
}  // namespace runledger
