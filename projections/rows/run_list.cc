// Reads the filters that have a text form of their own.
#include "projections/rows/run_list.h"

#include <fmt/format.h>

#include "ledger/base/ascii.h"

namespace runledger {
namespace {

constexpr std::size_t kDigitsMin = 4;
constexpr std::size_t kDigitsMax = 32;

}  // namespace

Result<IdPrefix> parse_id_prefix(std::string_view text) {
  const auto bad = [] {
    return reject("id_prefix.invalid",
                  fmt::format("expected {} to {} hexadecimal digits, with or without dashes", kDigitsMin, kDigitsMax));
  };
  IdPrefix prefix;
  for (const char c : text) {
    if (c == '-') continue;
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (!is_digit(lower) && (lower < 'a' || lower > 'f')) return bad();
    prefix.digits.push_back(lower);
    if (prefix.digits.size() > kDigitsMax) return bad();
  }
  if (prefix.digits.size() < kDigitsMin) return bad();
  return prefix;
}

Result<TimeRange> parse_time_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return reject("range.invalid", "expected two times as FROM/UNTIL");
  const Result<Time> from = parse_time(text.substr(0, slash));
  if (!from) return from.rejection();
  const Result<Time> until = parse_time(text.substr(slash + 1));
  if (!until) return until.rejection();
  if (*from > *until) return reject("range.invalid", "expected FROM at or before UNTIL");
  return TimeRange{*from, *until};
}

void require_label(RunFilter& filter, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) refuse("label.invalid", "expected a label as KEY=VALUE, found no \"=\"");
  add_label(filter.labels, text.substr(0, equals), text.substr(equals + 1));
}

bool selects_totals(const RunFilter& filter) {
  return filter ==
         RunFilter{
             .workspace = filter.workspace, .tenant = filter.tenant, .type = filter.type, .is_bound = filter.is_bound};
}

Rejection too_many_values(std::size_t found) {
  return reject("filter.too_many", fmt::format("expected at most {} values, found {}", kFilterValuesMax, found));
}

}  // namespace runledger
