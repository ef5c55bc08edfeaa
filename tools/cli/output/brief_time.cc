// The C library knows the local time zone; std::chrono of this compiler does not.
#include "tools/cli/output/brief_time.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <optional>

namespace runledger {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

std::tm local(Time time) {
  const std::time_t seconds = time.unix_us / kMicrosecondsPerSecond;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts;
}

std::string date(const std::tm& parts) {
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::string in_one_unit(std::int64_t seconds) {
  if (seconds < kMinute) return fmt::format("{} s", seconds);
  if (seconds < kHour) return fmt::format("{} min", seconds / kMinute);
  return fmt::format("{} h", seconds / kHour);
}

// Returns nullopt for a day or more.
std::optional<std::string> distance_text(Time time, Time now) {
  const std::int64_t seconds = (now - time).count() / kMicrosecondsPerSecond;
  if (seconds >= kDay || seconds <= -kDay) return std::nullopt;
  return seconds >= 0 ? in_one_unit(seconds) + " ago" : "in " + in_one_unit(-seconds);
}

std::string in_two_units(std::int64_t amount, std::string_view unit, std::int64_t rest, std::string_view smaller) {
  return rest == 0 ? fmt::format("{} {}", amount, unit) : fmt::format("{} {} {} {}", amount, unit, rest, smaller);
}

}  // namespace

std::string local_time(Time time) {
  const std::tm parts = local(time);
  return fmt::format("{} {:02}:{:02}:{:02}", date(parts), parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string brief_time(Time time, Time now) {
  if (const std::optional<std::string> distance = distance_text(time, now)) return *distance;
  const std::tm parts = local(time);
  return fmt::format("{} {:02}:{:02}", date(parts), parts.tm_hour, parts.tm_min);
}

std::string time_text(Time time, const Output& out) {
  if (!out.terminal()) return format_time(time);
  const std::optional<std::string> distance = distance_text(time, SystemClock().now());
  return distance ? fmt::format("{} ({})", local_time(time), *distance) : local_time(time);
}

TimeText clock_of(const Output& out) {
  return out.terminal() ? local_time : format_time;
}

std::string brief_duration(Duration duration) {
  const std::int64_t seconds = duration.count() / kMicrosecondsPerSecond;
  if (seconds == 0) return fmt::format("{} ms", duration.count() / 1000);
  if (seconds < kMinute) return fmt::format("{} s", seconds);
  if (seconds < kHour) return in_two_units(seconds / kMinute, "min", seconds % kMinute, "s");
  if (seconds < kDay) return in_two_units(seconds / kHour, "h", seconds % kHour / kMinute, "min");
  return in_two_units(seconds / kDay, "d", seconds % kDay / kHour, "h");
}

}  // namespace runledger
