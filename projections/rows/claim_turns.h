// Whose turn it is when a run is claimed, for each set of callers.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "ledger/values/names.h"
#include "projections/rows/scope_turns.h"

namespace runledger {

// Callers that ask for the same types and see the same scopes are one set. Each set has turns of its own, so what one
// set receives does not move the turns of another. Callers of one tenant have no turns, because they see one scope.
//
// A queue, which is a type and a scope, has turns while it is awake. Memory grows with the awake queues, and with at
// most kSetsMax sets for all workspaces and for each workspace; no call passes over all scopes, except the first of a
// new set. Used under one lock.
class ClaimTurns {
 public:
  // Of more sets that see the same scopes, the one that claimed least recently is forgotten. When it claims again, its
  // turns begin in the order in which any callers were last given a run of these scopes.
  static constexpr std::size_t kSetsMax = 32;

  // The types to choose from, and the scopes: all that match `workspace` and `tenant`, where these are set. A tenant
  // requires its workspace.
  struct Choice {
    const std::vector<RunType>& types;
    const std::optional<Workspace>& workspace;
    const std::optional<Tenant>& tenant;
  };

  void wake(const RunType& type, const Scope& scope);   // Requires that the queue sleeps.
  void sleep(const RunType& type, const Scope& scope);  // Requires that the queue is awake.
  [[nodiscard]] bool is_awake(const RunType& type, const Scope& scope) const;

  // The scope whose turn it is among those with an awake queue that the choice covers. Absent: there is none.
  [[nodiscard]] std::optional<Scope> first(const Choice& choice);
  // A caller with this choice was given a run of the scope. Requires that first() returned it, and that a queue that
  // the choice covers is still awake there.
  void end_turn(const Choice& choice, const Scope& scope);

 private:
  struct CallerSet {
    std::vector<RunType> types;  // Sorted.
    ScopeTurns turns;            // Not empty.
  };
  using CallerSets = std::list<CallerSet>;  // The set that claimed last comes first.

  [[nodiscard]] CallerSet* find_set(const Choice& choice);
  [[nodiscard]] CallerSet make_set(std::vector<RunType> types, const std::optional<Workspace>& workspace) const;
  template <class Change>
  void change_sets(const RunType& type, const std::optional<Workspace>& sees, const Change& change);

  // The awake queues, each with the number of the wake-up or of the claim that was the last to concern it.
  std::map<RunType, std::map<Scope, std::uint64_t>> awake_;
  std::map<std::optional<Workspace>, CallerSets> sets_;  // By the workspace that the callers see; absent: every one.
  std::uint64_t last_number_ = 0;
};

}  // namespace runledger
