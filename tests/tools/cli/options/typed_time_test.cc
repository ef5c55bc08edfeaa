// Times as people type them.
#include "tools/cli/options/typed_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace runledger {
namespace {

// A time zone for as long as it lives. The rule is in the variable, so that no database of zones is needed.
class InZone {
 public:
  explicit InZone(const char* rule) {
    ::setenv("TZ", rule, 1);
    ::tzset();
  }
  ~InZone() {
    ::unsetenv("TZ");
    ::tzset();
  }
  InZone(const InZone&) = delete;
  InZone& operator=(const InZone&) = delete;
};

constexpr const char* kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr const char* kNow = "2026-11-28T12:34:56.789Z";

// Returns the time in RFC 3339, or the code of the rejection.
std::string read(const char* typed, const char* now = kNow) {
  const Result<Time> time = read_time(typed, need(parse_time(now)));
  return time ? format_time(*time) : time.rejection().code;
}

TEST(TypedTimes, MayBeAnIntervalAgo) {
  EXPECT_EQ(read("0s"), "2026-11-28T12:34:56.789Z");
  EXPECT_EQ(read("90s"), "2026-11-28T12:33:26.789Z");
  EXPECT_EQ(read("15m"), "2026-11-28T12:19:56.789Z");
  EXPECT_EQ(read("1h"), "2026-11-28T11:34:56.789Z");
  EXPECT_EQ(read("2d"), "2026-11-26T12:34:56.789Z");
  EXPECT_EQ(read("1000d"), "2024-03-03T12:34:56.789Z");
}

TEST(TypedTimes, MayBeDaysOfTheLocalZone) {
  const InZone zone(kBerlin);
  EXPECT_EQ(read("today"), "2026-11-27T23:00:00.000Z");
  EXPECT_EQ(read("yesterday"), "2026-11-26T23:00:00.000Z");
  EXPECT_EQ(read("2026-07-01"), "2026-06-30T22:00:00.000Z");
  EXPECT_EQ(read("today", "2026-11-28T23:30:00Z"), "2026-11-28T23:00:00.000Z") << "the next day there";
  EXPECT_EQ(read("yesterday", "2026-03-01T12:00:00Z"), "2026-02-27T23:00:00.000Z");
  EXPECT_EQ(read("yesterday", "2026-03-30T12:00:00Z"), "2026-03-28T23:00:00.000Z") << "a day of 23 hours";
}

TEST(TypedTimes, OfADayAreItsFirstMomentWhereTheClocksMoveAtMidnight) {
  const InZone zone("CET-1CEST,M3.5.0/0,M10.5.0/1");
  EXPECT_EQ(read("2023-03-26"), "2023-03-25T23:00:00.000Z") << "01:00, as there is no midnight";
  EXPECT_EQ(read("2023-11-06"), "2023-11-05T23:00:00.000Z");
  EXPECT_EQ(read("2023-10-29"), "2023-10-28T22:00:00.000Z") << "midnight comes twice, an hour apart";
  EXPECT_EQ(read("2023-07-01"), "2023-06-30T22:00:00.000Z");
  EXPECT_EQ(read("2023-10-29"), "2023-10-28T22:00:00.000Z") << "whatever was read before";
  EXPECT_EQ(read("today", "2023-10-29T12:00:00Z"), "2023-10-28T22:00:00.000Z");
}

TEST(TypedTimes, MayBeRfc3339InAnyZone) {
  const InZone zone(kBerlin);
  EXPECT_EQ(read("2026-01-01T00:00:00Z"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(read("2026-01-01t00:00:00.123456+02:00"), "2025-12-31T22:00:00.123456Z");
}

TEST(TypedTimes, OfAnotherFormAreRefused) {
  for (const char* typed : {"", "h", "1", "1w", "-1h", "+1h", "1.5h", " 1h", "1h ", "1h30m", "tomorrow", "Today",
                            "2026-02-29", "2026-13-01", "2026-1-1", "20261128", "2026-11-28T00:00:00", "28.11.2026"})
    EXPECT_EQ(read(typed), "time.invalid") << typed;
}

TEST(TypedTimes, AreFrom1970To9999) {
  EXPECT_EQ(read("1969-12-31"), "time.out_of_range");
  EXPECT_EQ(read("1601-01-01T00:00:00Z"), "time.out_of_range");
  EXPECT_EQ(read("999999d"), "time.out_of_range");
  EXPECT_EQ(read("99999999999999999999999h"), "time.out_of_range");
  EXPECT_EQ(read("1970-01-01"), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(read("9999-12-31"), "9999-12-31T00:00:00.000Z");
}

TEST(TypedTimes, MakeARangeWithASlashBetweenThem) {
  const TimeRange range = require_time_range("2026-01-01T00:00:00Z/2026-01-02T00:00:00Z");
  EXPECT_EQ(format_time(range.from), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time(range.until), "2026-01-02T00:00:00.000Z");
  EXPECT_LT(require_time_range("2h/1h").from, require_time_range("2h/1h").until);
  for (const char* typed : {"1h/2h", "1h", "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z"}) {
    try {
      (void)require_time_range(typed);
      ADD_FAILURE() << typed;
    } catch (const Refused& refused) {
      EXPECT_EQ(refused.rejection().code, "range.invalid") << typed;
    }
  }
}

}  // namespace
}  // namespace runledger
