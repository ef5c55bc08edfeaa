// Divides a range at the bounds of hours and days.
#include "projections/answers/window.h"

#include <algorithm>

namespace runledger {
namespace {

using row_index::Grain;

// The end of the interval that holds the instant before `time`: `time` itself when it is a bound.
Time end_of(Grain grain, Time time) {
  const Time start = row_index::start_of(grain, time);
  return start == time ? time : start + row_index::length_of(grain);
}

bool is_of(const RunFilter& filter, const row_index::RollupKey& key) {
  const auto& types = filter.type.values();
  return (!filter.tenant || key.tenant == filter.tenant->str()) &&
         (types.empty() ||
          std::any_of(types.begin(), types.end(), [&](const auto& each) { return each.str() == key.type; }));
}

}  // namespace

RollupGroups find_groups(const RowStore& rows, const RunFilter& filter, GroupsBy by) {
  const bool by_tenant = by == GroupsBy::kTenant || (filter.tenant && !filter.workspace);
  const std::string prefix = by_tenant ? row_index::rollup_tenants(filter.workspace)
                                       : row_index::rollup_level(row_index::level_of(filter.workspace, filter.tenant));
  RollupGroups found;
  std::size_t looked_at = 0;
  rows.visit_rollup_groups(prefix, [&](const row_index::RollupKey& key) {
    found.is_cut = looked_at++ == RollupGroups::kLookedAtMax;
    if (found.is_cut) return Scan::kStop;
    // The groups at the level of a tenant have its name in their key, those at other levels have none.
    if (by_tenant ? !is_of(filter, key) : !is_of({.type = filter.type}, key)) return Scan::kContinue;
    found.is_cut = found.groups.size() == RollupGroups::kMax;
    if (found.is_cut) return Scan::kStop;
    found.groups.push_back(
        {std::string(key.group), std::string(key.workspace), std::string(key.tenant), std::string(key.type)});
    return Scan::kContinue;
  });
  return found;
}

RollupWindow::RollupWindow(const std::optional<Time>& since, const std::optional<Time>& until, Time now) {
  const Time end = end_of(Grain::kMinute, std::min(until.value_or(kTimesEnd), now + std::chrono::minutes(1)));
  since_ = since.value_or(Time{});
  // The finest intervals that are kept at the beginning.
  const Grain first = since_ >= row_index::kept_from(Grain::kMinute, now) ? Grain::kMinute
                      : since_ >= row_index::kept_from(Grain::kHour, now) ? Grain::kHour
                                                                          : Grain::kDay;
  since_ = row_index::start_of(first, since_);
  until_ = end < row_index::kept_from(Grain::kMinute, now) ? end_of(Grain::kHour, end) : end;
  if (until_ < row_index::kept_from(Grain::kHour, now)) until_ = end_of(Grain::kDay, until_);
  until_ = std::max(since_, until_);
  // Minutes before the first whole hour, hours before the first whole day, days, and back.
  const Time hour = std::min(end_of(Grain::kHour, since_), until_);
  const Time day = std::min(end_of(Grain::kDay, hour), until_);
  const Time last_day = std::max(day, row_index::start_of(Grain::kDay, until_));
  const Time last_hour = std::max(last_day, row_index::start_of(Grain::kHour, until_));
  add(Grain::kMinute, since_, hour);
  add(Grain::kHour, hour, row_index::start_of(Grain::kHour, day));
  if (day == until_) {  // No whole day is in between.
    add(Grain::kMinute, std::max(hour, row_index::start_of(Grain::kHour, day)), day);
    return;
  }
  add(Grain::kDay, day, last_day);
  add(Grain::kHour, last_day, last_hour);
  add(Grain::kMinute, last_hour, until_);
}

void RollupWindow::add(Grain grain, Time from, Time until) {
  if (from < until) parts_.push_back({grain, from, until});
}

void RollupWindow::visit(const RowStore& rows, const std::string& group,
                         const std::function<void(const Rollup&)>& visit) const {
  for (const Part& part : parts_)
    rows.visit_rollups(group, part.grain, part.from, part.until, [&](Time, const Rollup& rollup) { visit(rollup); });
}

}  // namespace runledger
