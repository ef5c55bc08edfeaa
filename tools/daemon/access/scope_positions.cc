// Translates positions by looking them up in the log, which keeps an index of the events of each scope.
#include "tools/daemon/access/scope_positions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/damage.h"
#include "ledger/log/decision_states.h"

namespace runledger {
namespace {

Envelope need_event(const EventLog& log, Sequence sequence) {
  std::optional<Envelope> event = log.find(sequence);
  if (event) return *std::move(event);
  throw_damaged(fmt::format("expected an event at {}, found none", sequence.value));
}

}  // namespace

ScopePositions::ScopePositions(const EventLog& log, std::optional<Scope> scope)
    : log_(&log), scope_(std::move(scope)) {}

Sequence ScopePositions::to_scope_sequence(Sequence in_log) const {
  if (!counts_scope() || in_log.value == 0) return in_log;
  return Sequence{need_event(*log_, in_log).scope_sequence.value};
}

Envelope ScopePositions::to_scope_sequence(Envelope envelope) const {
  if (counts_scope()) envelope.sequence = Sequence{envelope.scope_sequence.value};
  return envelope;
}

OperationRun::Row ScopePositions::to_scope_sequence(OperationRun::Row row) const {
  row.last_sequence = to_scope_sequence(row.last_sequence);
  return row;
}

Reply ScopePositions::to_scope_sequence(Reply reply) const {
  reply.sequence = to_scope_sequence(reply.sequence);
  return reply;
}

Envelope ScopePositions::event_at(Sequence in_log) const {
  return to_scope_sequence(need_event(*log_, in_log));
}

// A binary search works because the events of a scope are in the order of the log.
Sequence ScopePositions::scope_count_at(Sequence to) const {
  if (!counts_scope()) return to;
  Sequence reached;
  // The stored count may include events that are still being written and cannot be read yet. to_log_sequence() answers
  // zero for those, so the search skips them.
  Sequence last{DecisionStates(log_->store()).load_scope(*scope_).value};
  for (Sequence probe = last; reached < last; probe.value = reached.value + (last.value - reached.value + 1) / 2) {
    const Sequence position = to_log_sequence(probe);
    if (position.value != 0 && position <= to) {
      reached = probe;
    } else {
      last.value = probe.value - 1;
    }
  }
  return reached;
}

Sequence ScopePositions::to_log_sequence(Sequence in_scope) const {
  if (!counts_scope() || in_scope.value == 0) return in_scope;
  const auto events = log_->read_scope(*scope_, ScopeSequence{in_scope.value - 1}, 1);
  return events.empty() ? Sequence{} : events.front().sequence;
}

bool ScopePositions::is_reached(Sequence position) const {
  if (!counts_scope()) return position <= log_->last();
  // The stored count is compared first, because it keeps the largest positions from overflowing in the look-up.
  if (position.value > DecisionStates(log_->store()).load_scope(*scope_).value) return false;
  return position.value == 0 || to_log_sequence(position).value != 0;
}

Sequence ScopePositions::resolve_as_of(const std::optional<AsOf>& as_of) const {
  if (!as_of) return log_->last();
  if (const auto* time = std::get_if<Time>(&*as_of)) return log_->as_of(*time);
  const Sequence position = std::get<Sequence>(*as_of);
  if (!counts_scope()) return std::min(position, log_->last());
  const Sequence to = to_log_sequence(position);  // Zero when `position` is after the last event of the scope.
  return to.value == 0 && position.value != 0 ? log_->last() : to;
}

}  // namespace runledger
