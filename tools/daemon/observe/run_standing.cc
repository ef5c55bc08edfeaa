// Adds up totals by type, and reads what is due and how long runs took.
#include "tools/daemon/observe/run_standing.h"

#include <algorithm>

#include "projections/answers/overdue.h"

namespace runledger {
namespace {

constexpr double kShares[] = {0.5, 0.95, 0.99};
constexpr Duration kLately = std::chrono::hours(1);

class Standings {
 public:
  Standings(const RowStore& rows, const Catalog& catalog, Time now) : rows_(rows), now_(now) {
    for (const auto& [type, entry] : catalog.entries()) {
      if (listed_.size() == kTypesMax) break;
      listed_.emplace(type.str(), &entry);
      if (entry.expect_every) of(type.str()).overdue_scopes = 0;
    }
  }

  RunStanding read() {
    RunStanding all;
    rows_.visit_totals({}, [&](const RowStore::TotalsGroup& group) {
      for (const auto& [status, count] : group.totals.by_status) all.by_status[status] += count;
      add(group);
      return Scan::kContinue;
    });
    for (auto& [name, standing] : types_) {
      if (standing.type != kOtherType) add_durations(standing);
      all.types.push_back(std::move(standing));
    }
    rows_.visit_queues([&](const RunType&, const Scope&, Time first_due) {
      if (first_due <= now_) all.oldest_due = std::min(all.oldest_due.value_or(first_due), first_due);
    });
    return all;
  }

 private:
  TypeStanding& of(const std::string& type) {
    const auto [place, is_new] = types_.try_emplace(type);
    if (is_new) place->second.type = type;
    return place->second;
  }

  void add(const RowStore::TotalsGroup& group) {
    const auto listed = listed_.find(group.type);
    TypeStanding& standing = of(listed == listed_.end() ? kOtherType : listed->first);
    for (const auto& [outcome, word] : kEnumWords<RunOutcome>) {
      if (outcome == RunOutcome::kPending) continue;
      const auto found = group.totals.by_outcome.find(word);
      standing.completed[std::string(word)] += found == group.totals.by_outcome.end() ? 0 : found->second;
    }
    if (const auto& last = group.totals.last_succeeded_at)
      standing.last_succeeded_at = std::max(standing.last_succeeded_at.value_or(*last), *last);
    if (listed == listed_.end()) return;
    const std::optional<Time> from = overdue_from(*listed->second, group.totals);
    if (from && now_ > *from) ++*standing.overdue_scopes;
  }

  void add_durations(TypeStanding& standing) const {
    const std::string key = row_index::rollup_group(row_index::level_of({}, {}), *parse_run_type(standing.type));
    Rollup sum;
    const Time from = Time{std::max<std::int64_t>(0, (now_ - kLately).unix_us)};
    rows_.visit_rollups(key, row_index::Grain::kMinute, row_index::start_of(row_index::Grain::kMinute, from),
                        now_ + std::chrono::minutes(1), [&sum](Time, const Rollup& rollup) { sum.add(rollup); });
    for (const double share : kShares) {
      if (const auto most = sum.percentile(Rollup::Kind::kDuration, share))
        standing.durations.emplace_back(share, *most);
    }
  }

  const RowStore& rows_;
  Time now_;
  std::map<std::string, const CatalogEntry*, std::less<>> listed_;
  std::map<std::string, TypeStanding> types_;
};

}  // namespace

RunStanding run_standing(const RowStore& rows, const Catalog& catalog, Time now) {
  return Standings(rows, catalog, now).read();
}

}  // namespace runledger
