// The roll-ups that answer a question about a time and a scope.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "projections/answers/asker.h"

namespace runledger {

// A group of roll-ups: the runs of a type, at the level that the filter selects or of one tenant.
struct RollupGroup {
  std::string key;  // rollup_group()
  std::string workspace;
  std::string tenant;
  std::string type;
};

enum class GroupsBy { kType, kTenant };

struct RollupGroups {
  static constexpr std::size_t kMax = 2000;
  static constexpr std::size_t kLookedAtMax = 20'000;

  std::vector<RollupGroup> groups;
  bool is_cut = false;  // There are more than kMax, or more than kLookedAtMax had to be looked at: some are left out.
};

// The groups that hold the events of the filter's workspace, tenant and types. kTenant gives one for each tenant, and
// leaves out runs of no tenant.
[[nodiscard]] RollupGroups find_groups(const RowStore& rows, const RunFilter& filter, GroupsBy by);

// A range of times in intervals that are kept: minutes at its ends, and hours and days between them, so that few
// roll-ups cover it. Where minutes are no longer kept, it begins with the hour or the day of `since`.
class RollupWindow {
 public:
  // Without `since`, from the beginning; without `until`, to now. What is kept is told from `now` instead of the last
  // event, which would tell an asker when others did something; so an interval can be there a little longer.
  RollupWindow(const std::optional<Time>& since, const std::optional<Time>& until, Time now);

  [[nodiscard]] Time since() const { return since_; }
  [[nodiscard]] Time until() const { return until_; }
  void visit(const RowStore& rows, const std::string& group, const std::function<void(const Rollup&)>& visit) const;

 private:
  struct Part {
    row_index::Grain grain;
    Time from;
    Time until;
  };

  void add(row_index::Grain grain, Time from, Time until);

  Time since_;
  Time until_;
  std::vector<Part> parts_;
};

}  // namespace runledger
