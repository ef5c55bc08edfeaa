// Points in time and durations to the microsecond, their RFC 3339 form, and the clocks.
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

// Returns seconds with their fraction, as policies are written in JSON.
[[nodiscard]] constexpr double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Microseconds since 1970-01-01T00:00:00Z, without leap seconds, at the resolution of Postgres timestamptz.
// Input is checked against [1970-01-01, kTimesEnd), and a sum stays before kTimesEnd, so that every time that the
// ledger computes can be written and read again. The order of events never depends on times.
struct Time {
  static constexpr std::int64_t kLastUs = 253'402'300'799'999'999;  // 9999-12-31T23:59:59.999999Z.

  std::int64_t unix_us = 0;

  friend auto operator<=>(const Time&, const Time&) = default;
  friend Time operator+(Time t, Duration d) {
    return Time{d.count() < kLastUs - t.unix_us ? t.unix_us + d.count() : kLastUs};
  }
  friend Time operator-(Time t, Duration d) { return Time{t.unix_us - d.count()}; }
  friend Duration operator-(Time a, Time b) { return Duration{a.unix_us - b.unix_us}; }
};

// One past the last valid time: 10000-01-01T00:00:00Z.
inline constexpr Time kTimesEnd{Time::kLastUs + 1};

// Parses RFC 3339 with a zone ("Z" or an offset) and up to nine fraction digits, of which six are kept. Codes:
// "time.invalid" (another form, no zone, a day that does not exist, a leap second other than 23:59:60Z) and
// "time.out_of_range" (before 1970 or after 9999). A leap second counts as the last microsecond of its minute.
[[nodiscard]] Result<Time> parse_time(std::string_view text);

// Returns a form such as "2009-04-21T17:46:02.848Z", with six fraction digits only when three cannot express the time.
[[nodiscard]] std::string format_time(Time time);

// A point on the monotonic clock, which no operator can set. Two points are comparable only when they are of the same
// boot of the machine.
struct SteadyTime {
  std::uint64_t boot = 0;  // Tells boots apart. Zero is unknown, and comparable to no other point.
  Duration since_boot{};
  friend bool operator==(const SteadyTime&, const SteadyTime&) = default;

  [[nodiscard]] bool is_of_boot(const SteadyTime& other) const { return boot != 0 && boot == other.boot; }
};

// One moment on both clocks.
struct Moment {
  Time wall;
  SteadyTime steady;
  friend bool operator==(const Moment&, const Moment&) = default;
};

// The source of the current time; an interface, because tests set the time. Any thread may use it.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
  // Returns the time since the machine started. Unlike steady(), it also counts while the machine is suspended.
  [[nodiscard]] virtual Duration boot_time() const = 0;
  [[nodiscard]] Moment moment() const { return {now(), steady()}; }
};

// The clocks of the operating system. The wall clock may go back; see ForwardClock (ledger/values/forward_clock.h).
class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] Time now() const override;
  [[nodiscard]] SteadyTime steady() const override;
  [[nodiscard]] Duration boot_time() const override;

 private:
  std::uint64_t boot_;
};

}  // namespace runledger
