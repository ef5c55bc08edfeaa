// Chooses the run to claim next: turns decide on the scope, and due times on the run in it.
//
// A queue is the set of queued runs of one type and scope. Its entries are in the row index (row_index::due_entry), in
// the order of due times. Memory holds one time per queue that has runs: no untaken run of the queue is due earlier.
// The index is read from this time on, so a look does not pass again over the entries that were in front.
//
// Every known queue is in exactly one of two states. A sleeping queue has an alarm under its time in `alarms_`, which
// is sorted, so next_wake() and wake() read its beginning. An awake queue is awake in `turns_` and may have a due run.
// A look that finds no due run puts the queue to sleep until its first run is due, or forgets it when it has no run.
//
// Calls come from two threads. The thread that follows the log calls note() for every run that became queued, after the
// rows hold it; the thread of Claims calls wake(), next_wake() and take(), and note() for a run that its taker gave up.
// The mutex is held during the look on disk. A run that is written to the rows during a look is therefore either found
// by it or noted after it, and no run is lost.
//
// take() looks at the awake queues of one scope, the one whose turn it is, and goes on to the next scope only when they
// all fell asleep. So it costs one look per type, and one more for each queue that it puts to sleep.
#include "projections/rows/due_queues.h"

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"

namespace runledger {

void DueQueues::load() {
  rows_.visit_queues([this](const RunType& type, const Scope& scope, Time first_due) { note(type, scope, first_due); });
}

void DueQueues::note(const RunType& type, const Scope& scope, Time due) {
  const MutexLock lock(mutex_);
  const auto [queue, is_new] = due_from_[type].try_emplace(scope, due);
  const Time before = queue->second;
  queue->second = std::min(before, due);
  if (turns_.is_awake(type, scope)) return;
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
    turns_.wake(type, scope);
    woken.push_back({type, scope});
  }
  return woken;
}

std::optional<Time> DueQueues::next_wake() const {
  const MutexLock lock(mutex_);
  return alarms_.empty() ? std::nullopt : std::optional(std::get<Time>(*alarms_.begin()));
}

std::optional<DueRun> DueQueues::first_of(const RunType& type, const Scope& scope, Time now,
                                          const std::function<bool(RunId)>& taken) {
  const auto queues = due_from_.find(type);
  RUNLEDGER_ASSERT(queues != due_from_.end());
  const auto queue = queues->second.find(scope);
  RUNLEDGER_ASSERT(queue != queues->second.end());
  const auto first = rows_.first_queued(type, scope, queue->second, taken);
  if (first) queue->second = first->due;
  if (first && first->due <= now) return DueRun{first->run, type, scope, first->due};
  turns_.sleep(type, scope);
  if (first) {
    alarms_.emplace(first->due, type, scope);
  } else {
    queues->second.erase(queue);
    if (queues->second.empty()) due_from_.erase(queues);
  }
  return std::nullopt;
}

// The loop ends, because a scope without a due run loses its last awake queue.
std::optional<DueRun> DueQueues::take(const Choice& choice, Time now, const std::function<bool(RunId)>& taken) {
  const MutexLock lock(mutex_);
  while (const std::optional<Scope> scope = turns_.first(choice)) {
    std::optional<DueRun> best;
    for (const RunType& type : choice.types) {
      if (!turns_.is_awake(type, *scope)) continue;
      std::optional<DueRun> first = first_of(type, *scope, now, taken);
      if (first && (!best || first->due < best->due)) best = std::move(first);
    }
    if (!best) continue;
    turns_.end_turn(choice, *scope);
    return best;
  }
  return std::nullopt;
}

}  // namespace runledger
