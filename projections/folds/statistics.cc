// Keeps totals equal to the result of counting all runs and events from scratch.
#include "projections/folds/statistics.h"

#include <algorithm>
#include <iterator>

namespace runledger {
namespace {

constexpr std::size_t kStartedIndex = 2;
static_assert(std::is_same_v<std::variant_alternative_t<kStartedIndex, Event>, AttemptStarted>);

// Stops at the largest number instead of wrapping to zero. Sums of counts below 2^53 can get that far.
void increase(std::uint64_t& total, std::uint64_t by) {
  total = by > Statistics::kSumMax - total ? Statistics::kSumMax : total + by;
}

void increase(Statistics::Totals& totals, std::string_view key, std::uint64_t by) {
  if (by == 0) return;
  const auto found = totals.find(key);
  if (found == totals.end())
    totals.emplace(key, by);
  else
    increase(found->second, by);
}

void increase(std::map<std::uint32_t, std::uint64_t>& totals, std::uint32_t key, std::uint64_t by) {
  if (by != 0) increase(totals[key], by);
}

// A map of limited size, and the total of the names for which it has no room.
struct LimitedTotals {
  Statistics::Totals& kept;
  std::size_t names_max;
  std::uint64_t& left_out;
};

void increase(const LimitedTotals& totals, std::string_view name, std::uint64_t by) {
  increase(totals.kept.try_emplace(std::string(name), 0).first->second, by);
  if (totals.kept.size() <= totals.names_max) return;
  // The name is added first and the greatest one dropped after that, so the order of the names does not matter.
  const auto greatest = std::prev(totals.kept.end());
  increase(totals.left_out, greatest->second);
  totals.kept.erase(greatest);
}

template <class Map, class Key>
void decrease(Map& totals, const Key& key) {
  const auto found = totals.find(key);
  if (found == totals.end()) return;  // Only rows edited by hand get here; verify reports the difference.
  if (--found->second == 0) totals.erase(found);
}

template <class Map>
void add_all(Map& sum, const Map& part) {
  for (const auto& [key, value] : part) increase(sum, key, value);
}

void add_all(const LimitedTotals& sum, const Statistics::Totals& part, std::uint64_t left_out_of_part) {
  for (const auto& [name, value] : part) increase(sum, name, value);
  increase(sum.left_out, left_out_of_part);
}

void note_first(std::optional<Time>& first, const std::optional<Time>& at) {
  if (at) first = std::min(first.value_or(*at), *at);
}

void note_last(std::optional<Time>& last, const std::optional<Time>& at) {
  if (at) last = std::max(last.value_or(*at), *at);
}

void add_new_run(Statistics& statistics, const OperationRun::Row& row) {
  note_first(statistics.first_requested_at, row.created_at);
  increase(statistics.runs, 1);
  increase(statistics.by_type, row.type.str(), 1);
  if (row.scope.tenant) increase(statistics.by_tenant, row.scope.tenant->str(), 1);
}

void move_run(Statistics& statistics, const std::optional<Standing>& before, const Standing& after) {
  if (!before || before->status != after.status) {
    if (before) decrease(statistics.by_status, to_string(before->status));
    increase(statistics.by_status, to_string(after.status), 1);
  }
  if (!before || before->outcome != after.outcome) {
    if (before) decrease(statistics.by_outcome, to_string(before->outcome));
    increase(statistics.by_outcome, to_string(after.outcome), 1);
  }
  if (!before || before->attempt != after.attempt) {
    if (before) decrease(statistics.by_attempts, before->attempt.value);
    increase(statistics.by_attempts, after.attempt.value, 1);
  }
}

void add_counts(Statistics& statistics, const Counts& counts) {
  const LimitedTotals totals{statistics.summary_counts, Statistics::kKeysPerGroupMax,
                             statistics.left_out.summary_counts};
  for (const auto& [key, count] : counts) increase(totals, key.str(), count);
}

}  // namespace

Standing standing(const OperationRun::Row& row) {
  return {row.status, row.outcome, row.attempt};
}

void evolve(Statistics& statistics, const std::optional<Standing>& before, const OperationRun::Row& after,
            const Envelope& envelope) {
  if (!before) add_new_run(statistics, after);
  move_run(statistics, before, standing(after));
  const bool completed_before = before && before->status == RunStatus::kCompleted;
  if (after.status == RunStatus::kCompleted && !completed_before) {
    add_counts(statistics, after.summary_counts);
    if (after.outcome == RunOutcome::kSucceeded) note_last(statistics.last_succeeded_at, envelope.recorded_at);
  }

  increase(statistics.events_by_kind, kind_name(envelope.event), 1);
  if (std::holds_alternative<AttemptStarted>(envelope.event)) increase(statistics.attempts, 1);
  if (const auto* deduped = std::get_if<Deduped>(&envelope.event))
    increase(statistics.deduped, to_string(deduped->rule), 1);
}

void EventTally::count(const Envelope& envelope) {
  ++by_kind[envelope.event.index()];
  if (const auto* deduped = std::get_if<Deduped>(&envelope.event)) ++by_rule[static_cast<std::size_t>(deduped->rule)];
  const auto* finished = std::get_if<AttemptFinished>(&envelope.event);
  if (finished != nullptr && finished->disposition == Disposition::kCompletes &&
      finished->outcome == AttemptOutcome::kSucceeded)
    succeeded_at = envelope.recorded_at;
}

void add_run(Statistics& statistics, const OperationRun::Row& row, const EventTally& tally) {
  add_new_run(statistics, row);
  move_run(statistics, {}, standing(row));
  if (row.status == RunStatus::kCompleted) add_counts(statistics, row.summary_counts);
  for (std::size_t i = 0; i < tally.by_kind.size(); ++i) {
    increase(statistics.events_by_kind, kEventKinds[i], tally.by_kind[i]);
  }
  for (std::size_t i = 0; i < tally.by_rule.size(); ++i) {
    increase(statistics.deduped, to_string(static_cast<DedupeRule>(i)), tally.by_rule[i]);
  }
  increase(statistics.attempts, tally.by_kind[kStartedIndex]);
  note_last(statistics.last_succeeded_at, tally.succeeded_at);
}

std::string scope_name(std::string_view workspace, std::string_view tenant) {
  std::string name(workspace);
  if (!tenant.empty()) name.append("/").append(tenant);
  return name;
}

void add(Statistics& sum, const Statistics& part) {
  increase(sum.runs, part.runs);
  increase(sum.attempts, part.attempts);
  note_first(sum.first_requested_at, part.first_requested_at);
  note_last(sum.last_succeeded_at, part.last_succeeded_at);
  add_all(sum.by_status, part.by_status);
  add_all(sum.by_outcome, part.by_outcome);
  add_all({sum.by_type, Statistics::kTypesPerSumMax, sum.left_out.by_type}, part.by_type, part.left_out.by_type);
  add_all({sum.by_tenant, Statistics::kTenantsPerSumMax, sum.left_out.by_tenant}, part.by_tenant,
          part.left_out.by_tenant);
  add_all({sum.by_scope, Statistics::kScopesPerSumMax, sum.left_out.by_scope}, part.by_scope, part.left_out.by_scope);
  add_all(sum.by_attempts, part.by_attempts);
  add_all(sum.events_by_kind, part.events_by_kind);
  add_all(sum.deduped, part.deduped);
  add_all({sum.summary_counts, Statistics::kKeysPerSumMax, sum.left_out.summary_counts}, part.summary_counts,
          part.left_out.summary_counts);
}

}  // namespace runledger
