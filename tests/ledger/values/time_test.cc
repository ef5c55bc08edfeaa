// Times in the form of RFC 3339: reading, refusing and writing them.
#include "ledger/values/time.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

struct Case {
  std::string_view text;
  std::int64_t unix_us;
};

TEST(Time, IsReadFromEveryFormOfRfc3339) {
  for (const Case& it : std::initializer_list<Case>{
           {"1970-01-01T00:00:00Z", 0},
           {"2009-04-21T17:46:02.848Z", 1'240'335'962'848'000},
           {"2009-04-21t17:46:02.848z", 1'240'335'962'848'000},
           {"2009-04-21T19:46:02.848+02:00", 1'240'335'962'848'000},
           {"2009-04-21T12:16:02.848-05:30", 1'240'335'962'848'000},
           {"2009-04-22T17:45:02.848+23:59", 1'240'335'962'848'000},
           {"2009-04-21T17:46:02.848-00:00", 1'240'335'962'848'000},
           {"1970-01-01T01:00:00+01:00", 0},
           {"1969-12-31T23:00:00-01:00", 0},
           {"1970-01-01T00:00:00.1Z", 100'000},
           {"1970-01-01T00:00:00.000001Z", 1},
           {"1970-01-01T00:00:00.000000999Z", 0},
           {"1970-01-01T00:00:00.123456789Z", 123'456},
           {"2000-02-29T00:00:00Z", 951'782'400'000'000},
           {"2024-02-29T12:00:00Z", 1'709'208'000'000'000},
           {"2038-01-19T03:14:08Z", 2'147'483'648'000'000},
           {"2106-02-07T06:28:16Z", 4'294'967'296'000'000},
           {"9999-12-31T23:59:59.999999Z", 253'402'300'799'999'999},
       }) {
    const auto time = parse_time(it.text);
    ASSERT_TRUE(time) << it.text;
    EXPECT_EQ(time->unix_us, it.unix_us) << it.text;
  }
}

TEST(Time, OfALeapSecondIsTheLastMicrosecondOfItsMinute) {
  for (const char* text : {"2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5Z", "2016-12-31T18:59:60-05:00",
                           "2017-01-01T05:29:60.999999999+05:30"}) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(time->unix_us, 1'483'228'799'999'999) << text;
  }
}

TEST(Time, IsInvalidInEveryOtherForm) {
  for (const std::string& text : std::initializer_list<std::string>{"",
                                                                    "now",
                                                                    "2009",
                                                                    "2009-04-21",
                                                                    "17:46:02Z",
                                                                    "1240335962",
                                                                    "2009-04-21T17:46:02",
                                                                    "2009-04-21T17:46Z",
                                                                    "2009-04-21 17:46:02Z",
                                                                    "2009-04-21_17:46:02Z",
                                                                    "2009-4-21T17:46:02Z",
                                                                    "09-04-21T17:46:02Z",
                                                                    "02009-04-21T17:46:02Z",
                                                                    "-001-04-21T17:46:02Z",
                                                                    "-2009-04-21T17:46:02Z",
                                                                    "+2009-04-21T17:46:02Z",
                                                                    "10000-01-01T00:00:00Z",
                                                                    "2009-00-21T17:46:02Z",
                                                                    "2009-13-21T17:46:02Z",
                                                                    "2009-04-00T17:46:02Z",
                                                                    "2009-04-31T17:46:02Z",
                                                                    "2009-02-29T17:46:02Z",
                                                                    "2024-02-30T17:46:02Z",
                                                                    "1900-02-29T00:00:00Z",
                                                                    "2009-04-21T24:00:00Z",
                                                                    "2009-04-21T17:60:02Z",
                                                                    "2009-04-21T17:46:60Z",
                                                                    "2009-04-21T17:46:61Z",
                                                                    "2016-12-31T22:59:60Z",
                                                                    "2016-12-31T23:59:60+01:00",
                                                                    "2016-12-31T23:59:61Z",
                                                                    "2009-04-21T17:46:02.Z",
                                                                    "2009-04-21T17:46:02,5Z",
                                                                    "2009-04-21T17:46:02.1234567890Z",
                                                                    "2009-04-21T17:46:02.-5Z",
                                                                    "2009-04-21T17:46:02.5",
                                                                    "2009-04-21T17:46:02+2:00",
                                                                    "2009-04-21T17:46:02+0200",
                                                                    "2009-04-21T17:46:02+24:00",
                                                                    "2009-04-21T17:46:02+02:60",
                                                                    "2009-04-21T17:46:02+02",
                                                                    "2009-04-21T17:46:02 Z",
                                                                    "2009-04-21T17:46:02ZZ",
                                                                    "2009-04-21T17:46:02Z ",
                                                                    " 2009-04-21T17:46:02Z",
                                                                    "2009-04-21T17:46:02Zulu",
                                                                    "2009-04-21T17:46:02+02:00Z",
                                                                    "２009-04-21T17:46:02Z",
                                                                    "20O9-04-21T17:46:02Z",
                                                                    "2009/04/21T17:46:02Z",
                                                                    std::string("2009-04-21T17:46:02Z\0", 21),
                                                                    std::string("2009-04-21T17:46:02\0Z", 21),
                                                                    "Tue, 21 Apr 2009 17:46:02 GMT"}) {
    EXPECT_EQ(code_of(parse_time(text)), "time.invalid") << text;
  }
}

TEST(Time, IsOutOfRangeBefore1970AndAfter9999) {
  for (const char* text : {"1601-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
                           "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"}) {
    EXPECT_EQ(code_of(parse_time(text)), "time.out_of_range") << text;
  }
}

TEST(Time, IsWrittenWithMillisecondsOrWithMicroseconds) {
  for (const auto& [unix_us, text] : std::initializer_list<std::pair<std::int64_t, std::string_view>>{
           {0, "1970-01-01T00:00:00.000Z"},
           {1'240'335'962'848'000, "2009-04-21T17:46:02.848Z"},
           {1'240'335'962'848'001, "2009-04-21T17:46:02.848001Z"},
           {951'782'400'000'000, "2000-02-29T00:00:00.000Z"},
           {253'402'300'799'999'999, "9999-12-31T23:59:59.999999Z"},
           {-1, "1969-12-31T23:59:59.999999Z"},
       }) {
    EXPECT_EQ(format_time(Time{unix_us}), text);
  }
}

TEST(Time, ThatWasWrittenIsReadAsTheSame) {
  for (std::int64_t unix_us = 0; unix_us < 253'402'300'800'000'000; unix_us += 997'000'000'000'001) {
    const auto time = parse_time(format_time(Time{unix_us}));
    ASSERT_TRUE(time);
    EXPECT_EQ(time->unix_us, unix_us);
  }
}

TEST(Time, ShowsInItsRejectionWithoutControlCharacters) {
  const auto time = parse_time("2009\x1B[31m");
  ASSERT_FALSE(time);
  EXPECT_NE(time.rejection().detail.str().find("\"2009\""), std::string::npos) << time.rejection().detail.str();
}

TEST(SystemClock, StandsBetweenTwoReadingsOfTheSystem) {
  using std::chrono::system_clock;
  const auto us = [] { return std::chrono::duration_cast<Duration>(system_clock::now().time_since_epoch()).count(); };
  const std::int64_t before = us();
  const std::int64_t now = SystemClock().now().unix_us;
  EXPECT_LE(before, now);
  EXPECT_LE(now, us());
}

}  // namespace
}  // namespace runledger
