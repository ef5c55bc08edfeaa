// Indexes over one set of callers: by number, by kind, by queue, by order of arrival, and by deadline.
//
// Claims (claims.cc) owns this and calls it on its thread. callers_ owns the callers. Callers that ask for the same
// types in the same scope share a Kind, so a thousand equal workers cost one search and one set of queue entries.
//
// A queue is named by a type, a type and a workspace, or a type, a workspace and a tenant. A kind waits for one queue
// per type, at the level of its own scope. wake() therefore looks up three names for a due run, in queues_, and thereby
// reaches every kind that the run may suit.
//
// may_find_ holds exactly the kinds with may_find set and at least one idle caller, each under the number of its oldest
// idle caller. So begin() is the oldest caller that may get a run, and callers are served in order of arrival.
// place() restores this after each change of `idle` or `may_find`; every function that changes either calls it,
// directly or through set_idle().
//
// deadlines_ holds exactly the idle callers. A caller for which the sequencer starts a run is in neither index, so it
// can neither be given a second run nor be answered NothingDue while the first one is being started.
#include "jobs/dispatch/claim_callers.h"

#include <fmt/format.h>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

// Types, workspaces and tenants hold no line end, so two different queues never have the same name.
std::string queue_name(const RunType& type, const std::optional<Workspace>& workspace,
                       const std::optional<Tenant>& tenant) {
  std::string name = type.str();
  if (workspace) name += "\n" + workspace->str();
  if (tenant) name += "\n" + tenant->str();
  return name;
}

}  // namespace

std::string claim_kind(const ScopedClaim& claim) {
  std::string kind =
      fmt::format("{}\n{}", claim.workspace ? claim.workspace->str() : "", claim.tenant ? claim.tenant->str() : "");
  for (const RunType& type : claim.what.types) kind += "\n" + type.str();
  return kind;
}

ClaimCaller& ClaimCallers::add(ClaimCaller caller) {
  RUNLEDGER_ASSERT(caller.claim.workspace || !caller.claim.tenant);
  Kind& kind = kinds_[caller.kind];
  if (kind.callers++ == 0) {
    for (const RunType& type : caller.claim.what.types) {
      const std::string name = queue_name(type, caller.claim.workspace, caller.claim.tenant);
      kind.queues.insert(name);
      queues_[name].insert(&kind);
    }
  }
  kind.may_find = true;
  const std::uint64_t number = caller.number;
  const auto [added, is_new] = callers_.emplace(number, std::move(caller));
  RUNLEDGER_ASSERT(is_new);
  set_idle(added->second, true);
  return added->second;
}

ClaimCaller* ClaimCallers::find(std::uint64_t number) {
  const auto found = callers_.find(number);
  return found == callers_.end() ? nullptr : &found->second;
}

void ClaimCallers::remove(ClaimCaller& caller) {
  if (!caller.is_asking) set_idle(caller, false);
  const auto kind = kinds_.find(caller.kind);
  callers_.erase(caller.number);
  if (--kind->second.callers > 0) return;
  for (const std::string& name : kind->second.queues) {
    const auto queue = queues_.find(name);
    queue->second.erase(&kind->second);
    if (queue->second.empty()) queues_.erase(queue);
  }
  kinds_.erase(kind);
}

void ClaimCallers::begin_asking(ClaimCaller& caller) {
  RUNLEDGER_ASSERT(!caller.is_asking);
  set_idle(caller, false);
  caller.is_asking = true;
}

void ClaimCallers::end_asking(ClaimCaller& caller) {
  RUNLEDGER_ASSERT(caller.is_asking);
  caller.is_asking = false;
  kinds_.at(caller.kind).may_find = true;
  set_idle(caller, true);
}

void ClaimCallers::set_idle(const ClaimCaller& caller, bool is_idle) {
  Kind& kind = kinds_.at(caller.kind);
  if (is_idle) {
    kind.idle.insert(caller.number);
    deadlines_.emplace(caller.deadline, caller.number);
  } else {
    kind.idle.erase(caller.number);
    deadlines_.erase({caller.deadline, caller.number});
  }
  place(kind);
}

void ClaimCallers::place(Kind& kind) {
  const bool stands = kind.may_find && !kind.idle.empty();
  const auto as = stands ? std::optional(*kind.idle.begin()) : std::nullopt;
  if (kind.stands_as == as) return;
  if (kind.stands_as) may_find_.erase(*kind.stands_as);
  if (as) may_find_.emplace(*as, &kind);
  kind.stands_as = as;
}

void ClaimCallers::wake(const RunType& type, const Scope& scope) {
  wake_named(queue_name(type, {}, {}));
  wake_named(queue_name(type, scope.workspace, {}));
  if (scope.tenant) wake_named(queue_name(type, scope.workspace, scope.tenant));
}

void ClaimCallers::wake_named(const std::string& queue) {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return;
  for (Kind* const kind : found->second) {
    kind->may_find = true;
    place(*kind);
  }
}

ClaimCaller* ClaimCallers::next() {
  return may_find_.empty() ? nullptr : find(may_find_.begin()->first);
}

void ClaimCallers::found_nothing(const ClaimCaller& caller) {
  Kind& kind = kinds_.at(caller.kind);
  kind.may_find = false;
  place(kind);
}

ClaimCaller* ClaimCallers::first_to_give_up() {
  return deadlines_.empty() ? nullptr : find(deadlines_.begin()->second);
}

std::vector<std::uint64_t> ClaimCallers::idle() const {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(deadlines_.size());
  for (const auto& [deadline, number] : deadlines_) numbers.push_back(number);
  return numbers;
}

}  // namespace runledger
