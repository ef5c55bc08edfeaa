// Looks at one queue after the other, beginning behind the one that was served last.
#include "projections/due_queues.h"

#include <algorithm>

namespace runledger {
namespace {

bool covers(const DueQueues::Choice& choice, const Scope& scope) {
  return (!choice.workspace || scope.workspace == *choice.workspace) &&
         (!choice.tenant || scope.tenant == choice.tenant);
}

}  // namespace

void DueQueues::load() {
  rows_.visit_queues([this](const RunType& type, const Scope& scope, Time first_due) { note(type, scope, first_due); });
}

void DueQueues::note(const RunType& type, const Scope& scope, Time due) {
  const std::lock_guard lock(mutex_);
  const auto [queue, is_new] = types_[type].worth_a_look_from.try_emplace(scope, due);
  if (!is_new) queue->second = std::min(queue->second, due);
}

std::optional<DueRun> DueQueues::first_of(const RunType& type, Turns& turns, const Choice& choice, Time now,
                                          const std::function<bool(RunId)>& taken) {
  auto& queues = turns.worth_a_look_from;
  auto queue = turns.last_served ? queues.upper_bound(*turns.last_served) : queues.begin();
  for (std::size_t left = queues.size(); left > 0; --left) {
    if (queue == queues.end()) queue = queues.begin();
    const auto& [scope, from] = *queue;
    if (from > now || !covers(choice, scope)) {
      ++queue;
      continue;
    }
    bool passed_over = false;  // What is taken now may be left when its taker has failed: it stays worth a look.
    const auto first = rows_.first_queued(type, scope, from, [&](RunId run) {
      const bool is_taken = taken(run);
      passed_over = passed_over || is_taken;
      return is_taken;
    });
    if (first && first->due <= now) {
      if (!passed_over) queue->second = first->due;
      return DueRun{first->run, type, scope, first->due};
    }
    if (passed_over) {
      ++queue;
    } else if (first) {
      queue->second = first->due;
      ++queue;
    } else {
      queue = queues.erase(queue);
    }
  }
  return std::nullopt;
}

std::optional<DueRun> DueQueues::take(const Choice& choice, Time now, const std::function<bool(RunId)>& taken) {
  const std::lock_guard lock(mutex_);
  std::optional<DueRun> best;
  for (const RunType& type : choice.types) {
    const auto turns = types_.find(type);
    if (turns == types_.end()) continue;
    std::optional<DueRun> first = first_of(type, turns->second, choice, now, taken);
    if (turns->second.worth_a_look_from.empty()) types_.erase(turns);
    if (first && (!best || first->due < best->due)) best = std::move(first);
  }
  if (best) types_.at(best->type).last_served = best->scope;
  return best;
}

std::optional<Time> DueQueues::next_due(const Choice& choice, Time now) const {
  const std::lock_guard lock(mutex_);
  std::optional<Time> next;
  for (const RunType& type : choice.types) {
    const auto turns = types_.find(type);
    if (turns == types_.end()) continue;
    for (const auto& [scope, from] : turns->second.worth_a_look_from) {
      if (from > now && covers(choice, scope) && (!next || from < *next)) next = from;
    }
  }
  return next;
}

}  // namespace runledger
