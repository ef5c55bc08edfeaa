// Reads the number and the unit.
#include "tools/cli/options/interval.h"

#include <fmt/format.h>

#include "tools/cli/options/arguments.h"

namespace runledger {
namespace {

// Returns zero for an unknown unit.
std::uint64_t seconds_of(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86'400;
    default:
      return 0;
  }
}

}  // namespace

std::chrono::seconds require_interval(std::string_view typed, std::string_view field, std::uint64_t least) {
  const std::uint64_t unit = typed.empty() ? 0 : seconds_of(typed.back());
  if (unit == 0)
    refuse(fmt::format("{}.invalid", field),
           fmt::format("expected a whole number and a unit (s, m, h or d), such as 5m, found \"{}\"", typed));
  const NumberRange range{.min = least, .max = static_cast<std::uint64_t>(kIntervalMax.count()) / unit};
  const std::uint64_t number = need(parse_number(typed.substr(0, typed.size() - 1), field, range));
  return std::chrono::seconds(number * unit);
}

}  // namespace runledger
