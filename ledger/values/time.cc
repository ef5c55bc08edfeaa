// Parses and prints RFC 3339 times without the C library's calendar, which depends on locales and time zones.
//
// parse_time() takes three steps. read_civil() takes the pieces from the front of the text with a Reader. It accepts
// the grammar of RFC 3339 with at most nine fraction digits, and "t" and "z" in either case; it does not yet check the
// date and the time of day. The second step does, with std::chrono's calendar. The last step adds up the microseconds
// since 1970: days, time of day, fraction, and minus the offset.
//
// Two rules are easy to get wrong. A leap second is legal only as 23:59:60 in UTC, which is known only after the offset
// is applied: the next minute must begin a day. It has no microseconds of its own, so it becomes the last one of its
// minute, whatever its fraction. And the range is checked on the result, because an offset can move a time from 1970
// to 1969, or from 9999 to the year 10000.
//
// format_time() also prints times before 1970: it rounds down to the day, so that the time of day is never negative.
//
// The last part of the file reads the clocks. Steady times carry a number that is drawn at each boot, because the
// monotonic clock begins again at zero then.
#include "ledger/values/time.h"

#include <fmt/format.h>
#include <time.h>

#include <array>
#include <charconv>
#include <fstream>
#include <optional>

#include "ledger/base/ascii.h"
#include "ledger/base/assert.h"

namespace runledger {

namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

// Takes pieces from the front of a text. Each function returns nullopt, and takes nothing, when the text does not fit.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  // Returns the character that it took, in lower case; nullopt when the next one is not in `set` (given in lower case).
  std::optional<char> one_of(std::string_view set) {
    if (rest_.empty()) return std::nullopt;
    const char c = to_lower(rest_.front());
    if (set.find(c) == std::string_view::npos) return std::nullopt;
    rest_.remove_prefix(1);
    return c;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct Civil {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::int64_t fraction_us = 0;
  int offset_minutes = 0;  // East of Greenwich.
};

std::optional<std::int64_t> read_fraction(Reader& reader) {
  constexpr int kDigitsMax = 9;
  std::int64_t fraction_us = 0;
  int count = 0;
  for (; count < kDigitsMax; ++count) {
    const auto digit = reader.digits(1);
    if (!digit) break;
    if (count < 6) fraction_us = fraction_us * 10 + *digit;
  }
  if (count == 0) return std::nullopt;
  for (int missing = count; missing < 6; ++missing) fraction_us *= 10;
  return fraction_us;
}

std::optional<int> read_offset_minutes(Reader& reader) {
  const auto sign = reader.one_of("z+-");
  if (!sign) return std::nullopt;
  if (*sign == 'z') return 0;
  const auto hours = reader.digits(2);
  const bool colon = reader.one_of(":").has_value();
  const auto minutes = reader.digits(2);
  if (!hours || !colon || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  return *sign == '-' ? -offset : offset;
}

std::optional<Civil> read_civil(std::string_view text) {
  Reader reader(text);
  Civil civil;
  struct Piece {
    int Civil::*field;
    std::size_t digits;
    std::string_view behind;
  };
  static constexpr std::array<Piece, 6> kPieces{{{&Civil::year, 4, "-"},
                                                 {&Civil::month, 2, "-"},
                                                 {&Civil::day, 2, "t"},
                                                 {&Civil::hour, 2, ":"},
                                                 {&Civil::minute, 2, ":"},
                                                 {&Civil::second, 2, ""}}};
  for (const Piece& piece : kPieces) {
    const auto value = reader.digits(piece.digits);
    if (!value) return std::nullopt;
    civil.*piece.field = *value;
    if (!piece.behind.empty() && !reader.one_of(piece.behind)) return std::nullopt;
  }
  if (reader.one_of(".")) {
    const auto fraction_us = read_fraction(reader);
    if (!fraction_us) return std::nullopt;
    civil.fraction_us = *fraction_us;
  }
  const auto offset_minutes = read_offset_minutes(reader);
  if (!offset_minutes || !reader.at_end()) return std::nullopt;
  civil.offset_minutes = *offset_minutes;
  return civil;
}

std::chrono::year_month_day date_of(const Civil& civil) {
  return {std::chrono::year(civil.year), std::chrono::month(static_cast<unsigned>(civil.month)),
          std::chrono::day(static_cast<unsigned>(civil.day))};
}

Rejection invalid(std::string_view text) {
  return reject("time.invalid",
                fmt::format("expected an RFC 3339 time with a zone, such as 2009-04-21T17:46:02Z, found \"{}\"", text));
}

}  // namespace

Result<Time> parse_time(std::string_view text) {
  const auto civil = read_civil(text);
  if (!civil || !date_of(*civil).ok() || civil->hour > 23 || civil->minute > 59 || civil->second > 60)
    return invalid(text);

  const bool leap_second = civil->second == 60;
  const auto day = std::chrono::sys_days(date_of(*civil)).time_since_epoch().count();
  const std::int64_t minute_start_s =
      day * kSecondsPerDay + civil->hour * 3600 + civil->minute * 60 - civil->offset_minutes * 60;
  std::int64_t unix_us = (minute_start_s + civil->second) * kMicrosecondsPerSecond + civil->fraction_us;
  if (leap_second) {
    const std::int64_t next_minute_s = minute_start_s + 60;
    if (next_minute_s % kSecondsPerDay != 0) return invalid(text);
    unix_us = next_minute_s * kMicrosecondsPerSecond - 1;
  }
  if (unix_us < 0 || unix_us >= kTimesEnd.unix_us) {
    return reject("time.out_of_range", fmt::format("expected a time from 1970 to 9999, found \"{}\"", text));
  }
  return Time{unix_us};
}

std::string format_time(Time time) {
  using std::chrono::days;
  const auto since_epoch = std::chrono::microseconds(time.unix_us);
  const auto day = std::chrono::floor<days>(since_epoch);
  const std::chrono::year_month_day date{std::chrono::sys_days(day)};
  const std::int64_t us_of_day = (since_epoch - day).count();
  const std::int64_t second = us_of_day / kMicrosecondsPerSecond;
  const std::int64_t fraction_us = us_of_day % kMicrosecondsPerSecond;
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600,
                                 second / 60 % 60, second % 60);
  if (fraction_us % 1000 == 0)
    text += fmt::format(".{:03}Z", fraction_us / 1000);
  else
    text += fmt::format(".{:06}Z", fraction_us);
  return text;
}

namespace {

// The kernel draws a random id at each boot; its first 16 digits tell boots apart. Returns zero when it cannot be read.
std::uint64_t read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  std::erase(id, '-');
  std::uint64_t boot = 0;
  constexpr std::size_t kDigits = 16;
  if (id.size() < kDigits) return 0;
  const auto read = std::from_chars(id.data(), id.data() + kDigits, boot, 16);
  return read.ptr == id.data() + kDigits ? boot : 0;
}

}  // namespace

SystemClock::SystemClock() : boot_(read_boot_id()) {}

SteadyTime SystemClock::steady() const {
  return {boot_, std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

Duration SystemClock::boot_time() const {
  timespec read{};
  RUNLEDGER_ASSERT(::clock_gettime(CLOCK_BOOTTIME, &read) == 0);
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(read.tv_sec) +
                                              std::chrono::nanoseconds(read.tv_nsec));
}

Time SystemClock::now() const {
  return Time{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace runledger
