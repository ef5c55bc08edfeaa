// Chooses the run to claim next, giving the scopes of a type turns.
//
// A queue is the set of queued runs of one type and scope. Its entries are in the row index (row_index::due_entry), in
// the order of due times. Memory holds one time per queue that has runs: no untaken run of the queue is due earlier.
// The index is read from this time on, so a look does not pass again over the entries that were in front.
//
// Every known queue is in exactly one of two states. A sleeping queue has an alarm under its time in `alarms_`, which
// is sorted, so next_wake() and wake() read its beginning. An awake queue is in `awake` of its type and may have a due
// run. A look that finds no due run puts the queue to sleep until its first run is due, or forgets it when it has no
// run.
//
// Calls come from two threads. The thread that follows the log calls note() for every run that became queued, after the
// rows hold it; the thread of Claims calls wake(), next_wake() and take(), and note() for a run that its taker gave up.
// The mutex is held during the look on disk. A run that is written to the rows during a look is therefore either found
// by it or noted after it, and no run is lost.
//
// take() finds one candidate per type: the first due run of the next awake scope, counted from the scope that was
// served last. It then chooses the candidate that has been due for longest. Only that scope loses its turn, so a scope
// with many runs cannot starve the others, and the types that were not chosen keep their candidate.
#include "projections/rows/due_queues.h"

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

bool covers(const DueQueues::Choice& choice, const Scope& scope) {
  return (!choice.workspace || scope.workspace == *choice.workspace) &&
         (!choice.tenant || scope.tenant == choice.tenant);
}

// The first covered scope after `last`, or else the first covered scope. Covered scopes are adjacent in the set,
// because a scope without a tenant sorts before those with one.
const Scope* next_covered(const std::set<Scope>& scopes, const DueQueues::Choice& choice,
                          const std::optional<Scope>& last) {
  const auto first =
      choice.workspace ? scopes.lower_bound({.workspace = *choice.workspace, .tenant = choice.tenant}) : scopes.begin();
  if (first == scopes.end() || !covers(choice, *first)) return nullptr;
  if (!last || *last < *first) return &*first;
  const auto behind = scopes.upper_bound(*last);
  return behind != scopes.end() && covers(choice, *behind) ? &*behind : &*first;
}

}  // namespace

void DueQueues::load() {
  rows_.visit_queues([this](const RunType& type, const Scope& scope, Time first_due) { note(type, scope, first_due); });
}

void DueQueues::note(const RunType& type, const Scope& scope, Time due) {
  const MutexLock lock(mutex_);
  Turns& turns = types_[type];
  const auto [queue, is_new] = turns.next_due_from.try_emplace(scope, due);
  const Time before = queue->second;
  queue->second = std::min(before, due);
  if (turns.awake.contains(scope)) return;
  // The queue is asleep, so its alarm moves with its time.
  if (!is_new) alarms_.erase(std::tuple(before, type, scope));
  alarms_.emplace(queue->second, type, scope);
}

std::vector<DueQueues::Queue> DueQueues::wake(Time now) {
  const MutexLock lock(mutex_);
  std::vector<Queue> woken;
  while (!alarms_.empty() && std::get<Time>(*alarms_.begin()) <= now) {
    const auto [due, type, scope] = *alarms_.begin();
    alarms_.erase(alarms_.begin());
    types_.at(type).awake.insert(scope);
    woken.push_back({type, scope});
  }
  return woken;
}

std::optional<Time> DueQueues::next_wake() const {
  const MutexLock lock(mutex_);
  return alarms_.empty() ? std::nullopt : std::optional(std::get<Time>(*alarms_.begin()));
}

// The loop ends, because every look that finds no due run removes its queue from the awake ones.
std::optional<DueRun> DueQueues::first_of(const RunType& type, Turns& turns, const Choice& choice, Time now,
                                          const std::function<bool(RunId)>& taken) {
  while (const Scope* const next = next_covered(turns.awake, choice, turns.last_served)) {
    const auto queue = turns.next_due_from.find(*next);
    RUNLEDGER_ASSERT(queue != turns.next_due_from.end());
    const auto first = rows_.first_queued(type, queue->first, queue->second, taken);
    if (first) queue->second = first->due;
    if (first && first->due <= now) return DueRun{first->run, type, queue->first, first->due};
    turns.awake.erase(queue->first);
    if (first) {
      alarms_.emplace(first->due, type, queue->first);
    } else {
      turns.next_due_from.erase(queue);
    }
  }
  return std::nullopt;
}

std::optional<DueRun> DueQueues::take(const Choice& choice, Time now, const std::function<bool(RunId)>& taken) {
  RUNLEDGER_ASSERT(choice.workspace || !choice.tenant);
  const MutexLock lock(mutex_);
  std::optional<DueRun> best;
  for (const RunType& type : choice.types) {
    const auto turns = types_.find(type);
    if (turns == types_.end()) continue;
    std::optional<DueRun> first = first_of(type, turns->second, choice, now, taken);
    if (turns->second.next_due_from.empty()) types_.erase(turns);
    if (first && (!best || first->due < best->due)) best = std::move(first);
  }
  if (best) types_.at(best->type).last_served = best->scope;
  return best;
}

}  // namespace runledger
