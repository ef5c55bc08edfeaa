// The C library knows the local time zone; std::chrono of this compiler does not.
#include "tools/cli/options/typed_time.h"

#include <fmt/format.h>

#include <ctime>
#include <limits>
#include <optional>

#include "ledger/base/ascii.h"
#include "ledger/values/number.h"

namespace runledger {
namespace {

struct Day {
  int year = 0;
  int month = 0;  // From 1.
  int of_month = 0;
};

Rejection no_time(std::string_view typed) {
  return reject("time.invalid", fmt::format("expected RFC 3339 with a zone, how long ago (90s, 15m, 1h, 2d), today, "
                                            "yesterday, or a date such as 2026-01-31, found \"{}\"",
                                            typed));
}

Rejection out_of_range() {
  return reject("time.out_of_range", "expected a time from 1970 to 9999");
}

// Returns zero for an unknown unit.
std::uint64_t seconds_in(char unit) {
  if (unit == 's') return 1;
  if (unit == 'm') return 60;
  if (unit == 'h') return 3600;
  return unit == 'd' ? 86'400 : 0;
}

// Returns nullopt for a text of another form.
std::optional<Result<Time>> read_time_ago(std::string_view typed, Time now) {
  const std::uint64_t unit_s = typed.empty() ? 0 : seconds_in(typed.back());
  if (unit_s == 0 || !only_digits(typed.substr(0, typed.size() - 1))) return std::nullopt;
  const std::uint64_t unit_us = unit_s * static_cast<std::uint64_t>(kMicrosecondsPerSecond);
  const auto number = parse_number(typed.substr(0, typed.size() - 1), "time",
                                   {.max = static_cast<std::uint64_t>(now.unix_us) / unit_us});
  if (!number) return out_of_range();
  return Time{now.unix_us - static_cast<std::int64_t>(*number * unit_us)};
}

std::tm local_day(Time time) {
  const std::time_t seconds = time.unix_us / kMicrosecondsPerSecond;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts;
}

std::optional<Day> read_day(std::string_view typed, Time now) {
  if (typed == "today" || typed == "yesterday") {
    const std::tm today = local_day(now);
    return Day{today.tm_year + 1900, today.tm_mon + 1, today.tm_mday - (typed == "today" ? 0 : 1)};
  }
  // A day that exists makes a time of RFC 3339.
  if (typed.size() != std::string_view("YYYY-MM-DD").size()) return std::nullopt;
  const Result<Time> midnight = parse_time(std::string(typed) + "T00:00:00Z");
  if (!midnight && midnight.rejection().code == "time.invalid") return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    return static_cast<int>(need(parse_number(typed.substr(at, digits), "time", {})));
  };
  return Day{number(0, 4), number(5, 2), number(8, 2)};
}

bool is_on(std::time_t seconds, const std::tm& day) {
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts.tm_year == day.tm_year && parts.tm_yday == day.tm_yday;
}

// Looks for it from noon, which every day has once. At midnight the clocks may go forward, so that there is no 00:00,
// or back, so that there are two, of which mktime() may choose the second. Since 1972, every zone's offset has whole
// quarters of an hour.
Result<Time> first_moment(const Day& day) {
  constexpr std::time_t kQuarter = 15 * 60;
  constexpr std::time_t kFarthest = 15 * 60 * 60;  // Before noon, with the hours that clocks go back.
  std::tm parts{};
  parts.tm_year = day.year - 1900;
  parts.tm_mon = day.month - 1;
  parts.tm_mday = day.of_month;  // 0 is the last day of the month before.
  parts.tm_hour = 12;
  parts.tm_isdst = -1;
  const std::time_t noon = ::mktime(&parts);
  std::time_t first = noon - kFarthest;
  while (first < noon && !is_on(first, parts)) first += kQuarter;
  if (first < 0 || first > Time::kLastUs / kMicrosecondsPerSecond) return out_of_range();
  return Time{first * kMicrosecondsPerSecond};
}

}  // namespace

Result<Time> read_time(std::string_view typed, Time now) {
  if (std::optional<Result<Time>> ago = read_time_ago(typed, now)) return *std::move(ago);
  if (const std::optional<Day> day = read_day(typed, now)) return first_moment(*day);
  Result<Time> exact = parse_time(typed);
  if (!exact && exact.rejection().code == "time.invalid") return no_time(typed);
  return exact;
}

Time require_time(std::string_view typed) {
  return need(read_time(typed, SystemClock().now()));
}

TimeRange require_time_range(std::string_view typed) {
  const std::size_t slash = typed.find('/');
  if (slash == std::string_view::npos)
    refuse("range.invalid",
           fmt::format("expected FROM/UNTIL, two times with a slash between them, found \"{}\"", typed));
  const Time now = SystemClock().now();
  const TimeRange range{need(read_time(typed.substr(0, slash), now)), need(read_time(typed.substr(slash + 1), now))};
  if (range.from > range.until) refuse("range.invalid", "expected FROM at or before UNTIL");
  return range;
}

}  // namespace runledger
