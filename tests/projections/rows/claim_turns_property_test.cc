// Tests that no caller and no tenant can keep a run waiting: however many runs and tenants others make up, and whatever
// others claim, a run is claimed within the bound that docs/semantics.md gives.
#include "projections/rows/claim_turns.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <set>

#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

Scope scope_of(int workspace, int tenant) {
  return {.workspace = *parse_workspace(fmt::format("w{}", workspace)),
          .tenant = *parse_tenant(fmt::format("t{}", tenant))};
}

struct Callers {
  std::vector<RunType> types;
  std::optional<Workspace> workspace;
  std::optional<Tenant> tenant;

  [[nodiscard]] bool cover(const RunType& type, const Scope& scope) const {
    return std::ranges::find(types, type) != types.end() && (!workspace || scope.workspace == *workspace) &&
           (!tenant || scope.tenant == tenant);
  }
};

// Queues in memory, in which every run is due at once, and what one set of callers sees of them.
class Queues {
 public:
  explicit Queues(Callers watched) : watched_(std::move(watched)) {}

  void request(const RunType& type, const Scope& scope) {
    std::deque<Waiting>& queue = queues_[{type, scope}];
    if (queue.empty()) turns_.wake(type, scope);
    std::size_t earlier = 0;
    for (const auto& [key, runs] : queues_)
      if (key.second == scope && watched_.cover(key.first, scope)) earlier += runs.size();
    queue.push_back({.due = ++last_due_, .earlier = earlier});
  }

  // Returns the scope that was served.
  std::optional<Scope> claim(const Callers& callers) {
    const ClaimTurns::Choice choice{callers.types, callers.workspace, callers.tenant};
    const std::optional<Scope> scope = turns_.first(choice);
    if (!scope) return std::nullopt;
    const std::pair<const std::pair<RunType, Scope>, std::deque<Waiting>>* first = nullptr;
    for (const auto& each : queues_)
      if (each.first.second == *scope && callers.cover(each.first.first, *scope) && !each.second.empty() &&
          (first == nullptr || each.second.front().due < first->second.front().due))
        first = &each;
    RC_ASSERT(first != nullptr);
    turns_.end_turn(choice, *scope);
    const auto [type, served] = first->first;
    std::deque<Waiting>& queue = queues_.at(first->first);
    queue.pop_front();
    if (!queue.empty()) return served;
    queues_.erase({type, served});
    turns_.sleep(type, served);
    return served;
  }

  // As claim() by the watched callers. Also counts the claim for every run that goes on waiting, and checks the bound.
  std::optional<Scope> claim_watched() {
    see();
    std::optional<Scope> served = claim(watched_);
    for (auto& [key, runs] : queues_)
      if (watched_.cover(key.first, key.second))
        for (Waiting& run : runs) RC_ASSERT(++run.claims < (run.earlier + 1) * run.workspaces * run.tenants);
    return served;
  }

 private:
  struct Waiting {
    std::uint64_t due = 0;
    std::size_t earlier = 0;     // Runs of its scope that were due earlier.
    std::size_t claims = 0;      // Of the watched callers, since it is due.
    std::size_t workspaces = 1;  // At most, with runs for the watched callers, while it is due.
    std::size_t tenants = 1;     // Likewise, of its workspace.
  };

  void see() {
    std::map<Workspace, std::set<Scope>> seen;
    for (const auto& [key, runs] : queues_)
      if (watched_.cover(key.first, key.second)) seen[key.second.workspace].insert(key.second);
    for (auto& [key, runs] : queues_) {
      if (!watched_.cover(key.first, key.second)) continue;
      for (Waiting& run : runs) {
        run.workspaces = std::max(run.workspaces, seen.size());
        run.tenants = std::max(run.tenants, seen.at(key.second.workspace).size());
      }
    }
  }

  Callers watched_;
  ClaimTurns turns_;
  std::map<std::pair<RunType, Scope>, std::deque<Waiting>> queues_;  // None is empty.
  std::uint64_t last_due_ = 0;
};

const std::vector<RunType> kTypes{examples::type("a.work"), examples::type("b.work"), examples::type("c.work")};

Callers any_callers() {
  Callers callers{.types = {}, .workspace = {}, .tenant = {}};
  const int chosen = *rc::gen::inRange(1, 1 << kTypes.size());
  for (std::size_t i = 0; i < kTypes.size(); ++i)
    if ((chosen >> i & 1) != 0) callers.types.push_back(kTypes[i]);
  const Scope scope = scope_of(*rc::gen::inRange(0, 3), *rc::gen::inRange(0, 3));
  const int sight = *rc::gen::inRange(0, 3);
  if (sight > 0) callers.workspace = scope.workspace;
  if (sight > 1) callers.tenant = scope.tenant;
  return callers;
}

RC_GTEST_PROP(ClaimTurnsProperty, ARunIsClaimedWithinTheBoundWhateverOthersDo, ()) {
  const Callers watched = any_callers();
  Queues queues(watched);
  int made_up = 10;
  for (int step = *rc::gen::inRange(1, 200); step > 0; --step) {
    const RunType type = *rc::gen::elementOf(kTypes);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        queues.request(type, scope_of(*rc::gen::inRange(0, 3), *rc::gen::inRange(0, 3)));
        break;
      case 1:
        queues.request(type, scope_of(*rc::gen::inRange(0, 2), ++made_up));
        break;  // A new tenant each time.
      case 2:
        queues.claim(any_callers());
        break;
      default:
        queues.claim_watched();
        break;
    }
  }
  while (queues.claim_watched()) continue;
}

TEST(ClaimTurns, MadeUpTenantsDoNotKeepAnotherWorkspaceWaiting) {
  const Callers callers{.types = {kTypes[0]}, .workspace = {}, .tenant = {}};
  Queues queues(callers);
  for (int tenant = 0; tenant < 50; ++tenant) queues.request(kTypes[0], scope_of(0, tenant));
  queues.request(kTypes[0], scope_of(1, 0));
  EXPECT_EQ(queues.claim(callers), scope_of(0, 0));
  EXPECT_EQ(queues.claim(callers), scope_of(1, 0));
}

// One set more than are remembered: each is forgotten before its next claim.
TEST(ClaimTurns, SetsThatAreForgottenLeaveNoScopeWaitingForEver) {
  std::vector<Callers> sets;
  for (std::size_t i = 0; i <= ClaimTurns::kSetsMax; ++i)
    sets.push_back({.types = {kTypes[0], examples::type(fmt::format("other.t{}", i))}, .workspace = {}, .tenant = {}});
  Queues queues(sets[0]);
  for (int run = 0; run < 100; ++run) queues.request(kTypes[0], scope_of(0, run % 2));
  queues.request(kTypes[0], scope_of(0, 2));
  std::set<Scope> served;
  for (std::size_t i = 0; i < 3; ++i) served.insert(*queues.claim(sets[i]));
  for (std::size_t i = 0; i < 2 * sets.size(); ++i) served.insert(*queues.claim(sets[i % sets.size()]));
  EXPECT_EQ(served.contains(scope_of(0, 2)), true);
}

}  // namespace
}  // namespace runledger
