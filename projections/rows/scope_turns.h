// The order in which scopes take turns: workspaces by turn, and within a workspace its tenants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "ledger/values/names.h"

namespace runledger {

// A scope has a place from its first join() until as many leave(). A new scope comes last in its workspace, and a new
// workspace comes last of all; so nobody gets ahead by inventing tenants. A turn that ends puts both at the end. While
// a scope keeps its place, at most (workspaces × tenants of its workspace) turns therefore pass before its next one.
class ScopeTurns {
 public:
  void join(const Scope& scope);
  void leave(const Scope& scope);  // Requires a place.
  [[nodiscard]] bool empty() const { return workspaces_.empty(); }
  [[nodiscard]] Scope first() const;  // Whose turn it is. Requires that somebody has a place.
  void end_turn(const Scope& scope);  // Requires a place.

 private:
  struct Member {
    std::uint64_t place = 0;
    std::size_t joined = 0;
  };
  struct Members {
    std::uint64_t place = 0;
    std::map<std::optional<Tenant>, Member> tenants;
    std::map<std::uint64_t, std::optional<Tenant>> in_turn;  // By the tenants' places.
  };

  std::map<Workspace, Members> workspaces_;
  std::map<std::uint64_t, Workspace> in_turn_;  // By the workspaces' places.
  std::uint64_t last_place_ = 0;
};

}  // namespace runledger
