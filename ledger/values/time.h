// Points in time and durations, to the microsecond, and their RFC 3339 form.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/values/rejection.h"

namespace runledger {

inline constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;

using Duration = std::chrono::microseconds;

// Microseconds since 1970-01-01T00:00:00Z, without leap seconds; the resolution of Postgres timestamptz.
// Input is held to [1970-01-01, kTimesEnd); nothing is ordered by it.
struct Time {
  std::int64_t unix_us = 0;

  friend auto operator<=>(const Time&, const Time&) = default;
  friend Time operator+(Time t, Duration d) { return Time{t.unix_us + d.count()}; }
  friend Time operator-(Time t, Duration d) { return Time{t.unix_us - d.count()}; }
  friend Duration operator-(Time a, Time b) { return Duration{a.unix_us - b.unix_us}; }
};

// The first time that is none: 10000-01-01T00:00:00Z.
inline constexpr Time kTimesEnd{253'402'300'800'000'000};

// RFC 3339 with a zone ("Z" or an offset) and up to nine fraction digits, of which six are kept. Codes: "time.invalid"
// (not of that form, no zone, no such day, leap second that does not end a minute at 23:59:60Z) and "time.out_of_range"
// (before 1970 or after 9999). A leap second is taken as the last microsecond of its minute.
[[nodiscard]] Result<Time> parse_time(std::string_view text);

// "2009-04-21T17:46:02.848Z"; six fraction digits only when there are whole microseconds.
[[nodiscard]] std::string format_time(Time time);

// A point on the monotonic clock, which nobody can set. Two of them can be compared only when they are of one boot of
// the machine.
struct SteadyTime {
  std::uint64_t boot = 0;  // Tells boots apart; zero: unknown, comparable to nothing.
  Duration since_boot{};
  friend bool operator==(const SteadyTime&, const SteadyTime&) = default;

  [[nodiscard]] bool is_of_boot(const SteadyTime& other) const { return boot != 0 && boot == other.boot; }
};

// Now, on both clocks.
struct Moment {
  Time wall;
  SteadyTime steady;
  friend bool operator==(const Moment&, const Moment&) = default;
};

// Where "now" comes from; an interface because tests set it. Any thread may use it.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
  [[nodiscard]] Moment moment() const { return {now(), steady()}; }
};

class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] Time now() const override;
  [[nodiscard]] SteadyTime steady() const override;

 private:
  std::uint64_t boot_;
};

}  // namespace runledger
