// Keeps the awake queues, and the turns of each set of callers that claimed lately.
//
// A scope has a place in the turns of a set as often as the set has types with an awake queue there. wake() and sleep()
// keep this true for the sets that see the scope, which are those of all workspaces and those of its own. A set whose
// turns become empty is dropped, for it has nothing to remember: a scope that comes back would come last anyway.
#include "projections/rows/claim_turns.h"

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"

namespace runledger {

bool ClaimTurns::is_awake(const RunType& type, const Scope& scope) const {
  const auto scopes = awake_.find(type);
  return scopes != awake_.end() && scopes->second.contains(scope);
}

template <class Change>
void ClaimTurns::change_sets(const RunType& type, const std::optional<Workspace>& sees, const Change& change) {
  const auto sets = sets_.find(sees);
  if (sets == sets_.end()) return;
  for (CallerSet& set : sets->second)
    if (std::ranges::binary_search(set.types, type)) change(set.turns);
  std::erase_if(sets->second, [](const CallerSet& set) { return set.turns.empty(); });
  if (sets->second.empty()) sets_.erase(sets);
}

void ClaimTurns::wake(const RunType& type, const Scope& scope) {
  const bool is_new = awake_[type].emplace(scope, ++last_number_).second;
  RUNLEDGER_ASSERT(is_new);
  const auto join = [&scope](ScopeTurns& turns) { turns.join(scope); };
  change_sets(type, std::nullopt, join);
  change_sets(type, scope.workspace, join);
}

void ClaimTurns::sleep(const RunType& type, const Scope& scope) {
  const auto scopes = awake_.find(type);
  RUNLEDGER_ASSERT(scopes != awake_.end() && scopes->second.contains(scope));
  scopes->second.erase(scope);
  if (scopes->second.empty()) awake_.erase(scopes);
  const auto leave = [&scope](ScopeTurns& turns) { turns.leave(scope); };
  change_sets(type, std::nullopt, leave);
  change_sets(type, scope.workspace, leave);
}

std::optional<Scope> ClaimTurns::first(const Choice& choice) {
  RUNLEDGER_ASSERT(choice.workspace || !choice.tenant);
  if (choice.tenant) {
    Scope only{.workspace = *choice.workspace, .tenant = choice.tenant};
    const bool has_awake = std::ranges::any_of(choice.types, [&](const RunType& type) { return is_awake(type, only); });
    return has_awake ? std::optional(std::move(only)) : std::nullopt;
  }
  const CallerSet* const set = find_set(choice);
  return set != nullptr ? std::optional(set->turns.first()) : std::nullopt;
}

void ClaimTurns::end_turn(const Choice& choice, const Scope& scope) {
  if (choice.tenant) return;
  CallerSet* const set = find_set(choice);
  RUNLEDGER_ASSERT(set != nullptr);
  set->turns.end_turn(scope);
  const std::uint64_t number = ++last_number_;
  for (const RunType& type : set->types)
    if (is_awake(type, scope)) awake_.at(type).at(scope) = number;
}

// Makes the set when it is not known. Null: no queue that the choice covers is awake.
ClaimTurns::CallerSet* ClaimTurns::find_set(const Choice& choice) {
  std::vector<RunType> types = choice.types;
  std::ranges::sort(types);
  types.erase(std::unique(types.begin(), types.end()), types.end());
  if (const auto known = sets_.find(choice.workspace); known != sets_.end()) {
    CallerSets& sets = known->second;
    const auto set = std::ranges::find(sets, types, &CallerSet::types);
    if (set != sets.end()) {
      sets.splice(sets.begin(), sets, set);
      return &sets.front();
    }
  }
  CallerSet made = make_set(std::move(types), choice.workspace);
  if (made.turns.empty()) return nullptr;
  CallerSets& sets = sets_[choice.workspace];
  sets.push_front(std::move(made));
  if (sets.size() > kSetsMax) sets.pop_back();
  return &sets.front();
}

// The scope with the queue that was left alone for longest comes first.
ClaimTurns::CallerSet ClaimTurns::make_set(std::vector<RunType> types,
                                           const std::optional<Workspace>& workspace) const {
  std::vector<std::pair<std::uint64_t, Scope>> seen;
  for (const RunType& type : types) {
    const auto scopes = awake_.find(type);
    if (scopes == awake_.end()) continue;
    // A scope without a tenant sorts before those with one, so the scopes of a workspace begin with it.
    auto each =
        workspace ? scopes->second.lower_bound({.workspace = *workspace, .tenant = {}}) : scopes->second.begin();
    for (; each != scopes->second.end() && (!workspace || each->first.workspace == *workspace); ++each)
      seen.emplace_back(each->second, each->first);
  }
  std::ranges::sort(seen);
  CallerSet set{.types = std::move(types), .turns = {}};
  for (const auto& [number, scope] : seen) set.turns.join(scope);
  return set;
}

}  // namespace runledger
