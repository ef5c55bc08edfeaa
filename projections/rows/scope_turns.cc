// Keeps two levels of places. A place is a number that only grows, so the end of either order is the next number.
#include "projections/rows/scope_turns.h"

#include "ledger/base/assert.h"

namespace runledger {

void ScopeTurns::join(const Scope& scope) {
  const auto [workspace, is_new] = workspaces_.try_emplace(scope.workspace);
  Members& members = workspace->second;
  if (is_new) {
    members.place = ++last_place_;
    in_turn_.emplace(members.place, scope.workspace);
  }
  Member& member = members.tenants[scope.tenant];
  if (member.joined++ > 0) return;
  member.place = ++last_place_;
  members.in_turn.emplace(member.place, scope.tenant);
}

void ScopeTurns::leave(const Scope& scope) {
  const auto workspace = workspaces_.find(scope.workspace);
  RUNLEDGER_ASSERT(workspace != workspaces_.end());
  Members& members = workspace->second;
  const auto member = members.tenants.find(scope.tenant);
  RUNLEDGER_ASSERT(member != members.tenants.end());
  if (--member->second.joined > 0) return;
  members.in_turn.erase(member->second.place);
  members.tenants.erase(member);
  if (!members.tenants.empty()) return;
  in_turn_.erase(members.place);
  workspaces_.erase(workspace);
}

Scope ScopeTurns::first() const {
  RUNLEDGER_ASSERT(!empty());
  const Workspace& workspace = in_turn_.begin()->second;
  return {.workspace = workspace, .tenant = workspaces_.at(workspace).in_turn.begin()->second};
}

void ScopeTurns::end_turn(const Scope& scope) {
  Members& members = workspaces_.at(scope.workspace);
  in_turn_.erase(members.place);
  members.place = ++last_place_;
  in_turn_.emplace(members.place, scope.workspace);
  Member& member = members.tenants.at(scope.tenant);
  members.in_turn.erase(member.place);
  member.place = ++last_place_;
  members.in_turn.emplace(member.place, scope.tenant);
}

}  // namespace runledger
