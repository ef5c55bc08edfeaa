// The stored roll-ups: by level, type and interval.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "projections/folds/rollup.h"
#include "projections/rows/list_index.h"

namespace runledger::row_index {

// The lengths of the intervals. Each begins at a multiple of its length since 1970, by the time at which the ledger
// recorded the events.
enum class Grain : std::uint8_t { kMinute, kHour, kDay };
inline constexpr Grain kGrains[] = {Grain::kMinute, Grain::kHour, Grain::kDay};
[[nodiscard]] Duration length_of(Grain grain);
[[nodiscard]] Time start_of(Grain grain, Time time);  // Of the interval that holds `time`.

// The earliest interval that is kept when the last event was recorded at `head`: minutes of the seven days before the
// day of `head`, hours of the 90 days before, and all days.
inline constexpr Duration kMinutesKept = std::chrono::hours(24 * 7);
inline constexpr Duration kHoursKept = std::chrono::hours(24 * 90);
[[nodiscard]] Time kept_from(Grain grain, Time head);

inline constexpr std::string_view kRollupPrefix = "k";
// The key of a roll-up begins with that of its group: a level (levels_of()) and a type.
[[nodiscard]] std::string rollup_group(const std::string& level, const RunType& type);
// The common beginning of the groups of all types at a level.
[[nodiscard]] std::string rollup_level(const std::string& level);
// The common beginning of the groups of all tenants, of a workspace or of all of them.
[[nodiscard]] std::string rollup_tenants(const std::optional<Workspace>& workspace);
[[nodiscard]] std::string rollup_key(const std::string& group, Grain grain, Time start);

struct RollupKey {
  std::string_view group = {};
  std::string_view workspace = {};  // Empty in the level of the whole ledger.
  std::string_view tenant = {};     // Empty in other levels than that of a tenant.
  std::string_view type = {};
  Grain grain = Grain::kMinute;
  Time start = {};
};
// Absent when `key` is not that of a roll-up. The views refer to `key`.
[[nodiscard]] std::optional<RollupKey> parse_rollup_key(std::string_view key);

// Roll-ups of events that are yet to be added to the stored ones: by scope, type and minute, from which the other
// levels and lengths follow.
class RollupDeltas {
 public:
  // The roll-up for an event of this run that was recorded at this time. Valid until clear().
  [[nodiscard]] Rollup& of(const OperationRun::Row& row, Time recorded_at);
  [[nodiscard]] std::size_t size() const { return minutes_.size(); }
  void clear() { minutes_.clear(); }
  // Calls `add` with each key that is kept at `head`, and what is to be added there; several times for a key.
  void visit(Time head, const std::function<void(std::string key, const Rollup& delta)>& add) const;

 private:
  std::map<std::tuple<Scope, RunType, Time>, Rollup> minutes_;
};

}  // namespace runledger::row_index
