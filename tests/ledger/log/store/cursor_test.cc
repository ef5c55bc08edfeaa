// Cursors see the same order whether the entries of a family are in its write buffer, in tables, or in both.
#include "ledger/log/store/cursor.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <functional>
#include <string>
#include <vector>

#include "ledger/log/entries.h"
#include "ledger/log/store/settings.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

constexpr std::uint32_t kVersions = 40;
constexpr unsigned char kRuns = 5;

RunId run_number(unsigned char number) {
  RunId run;
  run.value.bytes.fill(number);
  return run;
}

class Cursors : public testing::Test {
 protected:
  // Stores every version of every run, out of order. Of each pair, the first is flushed into a table.
  void fill(Family family) {
    for (const bool flushed : {true, false}) {
      for (std::uint32_t i = flushed ? 0 : 1; i < kVersions; i += 2) {
        const std::uint32_t version = 1 + (i * 7) % kVersions;
        for (unsigned char run = 0; run < kRuns; ++run)
          put(family, run_event_key(run_number(run), RunVersion{version}));
      }
      if (flushed) check(store_.db().Flush({}, store_.family(family)), "flushing");
    }
  }
  void put(Family family, const std::string& key) {
    check(store_.db().Put({}, store_.family(family), key, key), "editing by hand");
  }
  std::vector<std::string> keys(Family family, const std::string& from, const std::string& to) const {
    std::vector<std::string> keys;
    for (Cursor cursor(store_, family, from, to, Cursor::Reuse::kUnlikely); cursor.valid(); cursor.next()) {
      EXPECT_EQ(cursor.key(), cursor.value());
      keys.emplace_back(cursor.key());
    }
    return keys;
  }

  LogDirectory directory_;
  Store& store_ = *directory_.store;
};

std::vector<std::string> expected_keys(unsigned char first_run, unsigned char last_run, std::uint32_t first_version) {
  std::vector<std::string> keys;
  for (unsigned char run = first_run; run <= last_run; ++run) {
    for (std::uint32_t version = first_version; version <= kVersions; ++version) {
      keys.push_back(run_event_key(run_number(run), RunVersion{version}));
    }
  }
  return keys;
}

TEST_F(Cursors, SeeAWholeFamilyInOrder) {
  for (const Family family : {Family::kScopeEvents, Family::kRunEvents, Family::kRuns, Family::kCommands}) {
    fill(family);
    EXPECT_EQ(keys(family, "", ""), expected_keys(0, kRuns - 1, 1));
  }
}

TEST_F(Cursors, SeeTheRangeOfOneBucketInOrder) {
  fill(Family::kRunEvents);
  ASSERT_EQ(hashed_key_bytes(Family::kRunEvents), sizeof(RunId));
  const std::string from = run_event_key(run_number(2), RunVersion{11});
  EXPECT_EQ(keys(Family::kRunEvents, from, run_event_key(run_number(2), RunVersion{kVersions + 1})),
            expected_keys(2, 2, 11));
  EXPECT_EQ(keys(Family::kRunEvents, run_event_key(run_number(9), RunVersion{1}),
                 run_event_key(run_number(9), RunVersion{9})),
            std::vector<std::string>());
}

TEST_F(Cursors, CrossFromBucketToBucket) {
  fill(Family::kRunEvents);
  EXPECT_EQ(keys(Family::kRunEvents, run_event_key(run_number(1), RunVersion{1}),
                 run_event_key(run_number(3), RunVersion{kVersions + 1})),
            expected_keys(1, 3, 1));
}

TEST_F(Cursors, SeekBackAcrossBuckets) {
  fill(Family::kRunEvents);
  Cursor cursor(store_, Family::kRunEvents, "", "", Cursor::Reuse::kUnlikely);
  cursor.seek_back(run_event_key(run_number(3), RunVersion{0}));
  ASSERT_TRUE(cursor.valid());
  EXPECT_EQ(cursor.key(), run_event_key(run_number(2), RunVersion{kVersions}));
}

}  // namespace
}  // namespace runledger
