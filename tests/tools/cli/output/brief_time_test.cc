// Times and durations for people at a terminal.
#include "tools/cli/output/brief_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace runledger {
namespace {

using namespace std::chrono_literals;

// Central European time, for as long as it lives. The rule is in the variable, so that no database of zones is needed.
class InBerlin {
 public:
  InBerlin() { set("CET-1CEST,M3.5.0,M10.5.0/3"); }
  ~InBerlin() {
    ::unsetenv("TZ");
    ::tzset();
  }
  InBerlin(const InBerlin&) = delete;
  InBerlin& operator=(const InBerlin&) = delete;

 private:
  static void set(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

Time moment_of(const char* text) {
  return need(parse_time(text));
}

TEST(LocalTimes, AreThoseOfTheZoneInWinterAndInSummer) {
  const InBerlin zone;
  EXPECT_EQ(local_time(moment_of("2026-11-28T13:03:07.9Z")), "2026-11-28 14:03:07");
  EXPECT_EQ(local_time(moment_of("2026-07-01T22:30:00Z")), "2026-07-02 00:30:00");
}

TEST(BriefTimes, SayHowLongAgoWithinADay) {
  const Time now = moment_of("2026-11-28T12:00:00Z");
  EXPECT_EQ(brief_time(now, now), "0 s ago");
  EXPECT_EQ(brief_time(now - 59s, now), "59 s ago");
  EXPECT_EQ(brief_time(now - 60s, now), "1 min ago");
  EXPECT_EQ(brief_time(now - 59min - 59s, now), "59 min ago");
  EXPECT_EQ(brief_time(now - 1h, now), "1 h ago");
  EXPECT_EQ(brief_time(now - 23h - 59min, now), "23 h ago");
  EXPECT_EQ(brief_time(now + 30s, now), "in 30 s");
  EXPECT_EQ(brief_time(now + 5h, now), "in 5 h");
}

TEST(BriefTimes, AreADateFromADayOn) {
  const InBerlin zone;
  const Time now = moment_of("2026-11-28T12:00:00Z");
  EXPECT_EQ(brief_time(now - 24h, now), "2026-11-27 13:00");
  EXPECT_EQ(brief_time(now + 24h, now), "2026-11-29 13:00");
  EXPECT_EQ(brief_time(moment_of("2009-04-21T17:46:02.848Z"), now), "2009-04-21 19:46");
}

TEST(BriefDurations, HaveTwoUnitsAtMost) {
  EXPECT_EQ(brief_duration(0us), "0 ms");
  EXPECT_EQ(brief_duration(350ms), "350 ms");
  EXPECT_EQ(brief_duration(12'900ms), "12 s");
  EXPECT_EQ(brief_duration(60s), "1 min");
  EXPECT_EQ(brief_duration(200s), "3 min 20 s");
  EXPECT_EQ(brief_duration(5h + 2min + 9s), "5 h 2 min");
  EXPECT_EQ(brief_duration(97h), "4 d 1 h");
}

}  // namespace
}  // namespace runledger
