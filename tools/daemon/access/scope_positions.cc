// Translates positions by looking them up in the log. It keeps an index of the events of each scope, whose numbers are
// part of the events, and one of the events of each workspace (ledger/log/workspace_index.h).
#include "tools/daemon/access/scope_positions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/log/decision_states.h"
#include "ledger/log/entries.h"
#include "ledger/log/workspace_index.h"

namespace runledger {
namespace {

Envelope need_event(const EventLog& log, Sequence sequence) {
  std::optional<Envelope> event = log.find(sequence);
  if (event) return *std::move(event);
  throw_damaged(fmt::format("expected an event at {}, found none", sequence.value));
}

}  // namespace

ScopePositions::ScopePositions(const EventLog& log, const PositionSeal& seal, const std::optional<Workspace>& workspace,
                               const std::optional<Tenant>& tenant)
    : log_(&log), seal_(&seal) {
  RUNLEDGER_ASSERT(workspace || !tenant);
  if (workspace) bound_to_ = view_of(scope_digest({.workspace = *workspace, .tenant = tenant}).bytes);
  if (tenant) {
    counted_ = Scope{.workspace = *workspace, .tenant = tenant};
  } else if (workspace) {
    counted_ = *workspace;
  }
}

EventPage ScopePositions::read(const EventQuery& query) const {
  if (const auto* workspace = std::get_if<Workspace>(&counted_)) return read_workspace_events(*log_, *workspace, query);
  if (const auto* scope = std::get_if<Scope>(&counted_)) return read_scope_events(*log_, *scope, query);
  return read_events(*log_, query);
}

Sequence ScopePositions::to_scope_sequence(Sequence in_log) const {
  if (!counts_scope() || in_log.value == 0) return in_log;
  if (const auto* workspace = std::get_if<Workspace>(&counted_)) {
    return Sequence{WorkspaceIndex(log_->store()).number_of(*workspace, in_log).value};
  }
  return Sequence{need_event(*log_, in_log).scope_sequence.value};
}

Envelope ScopePositions::to_scope_sequence(Envelope envelope) const {
  envelope.sequence = std::holds_alternative<Scope>(counted_) ? Sequence{envelope.scope_sequence.value}
                                                              : to_scope_sequence(envelope.sequence);
  return envelope;
}

OperationRun::Row ScopePositions::to_scope_sequence(OperationRun::Row row) const {
  row.last_sequence = to_scope_sequence(row.last_sequence);
  return row;
}

Reply ScopePositions::to_scope_sequence(Reply reply) const {
  if (counts_scope() && reply.sequence.value != 0) reply.position = seal_->seal(reply.sequence, bound_to_);
  reply.sequence = to_scope_sequence(reply.sequence);
  return reply;
}

std::optional<Sequence> ScopePositions::open(const std::string& sealed) const {
  return counts_scope() ? seal_->open(sealed, bound_to_) : std::nullopt;
}

Sequence ScopePositions::scope_count_at(Sequence to) const {
  if (const auto* workspace = std::get_if<Workspace>(&counted_)) {
    return Sequence{WorkspaceIndex(log_->store()).count_at(*workspace, to).value};
  }
  if (const auto* scope = std::get_if<Scope>(&counted_)) return last_of_scope(*scope, to);
  return to;
}

// A binary search works because the events of a scope are in the order of the log.
Sequence ScopePositions::last_of_scope(const Scope& scope, Sequence to) const {
  Sequence reached;
  // The stored count may include events that are still being written and cannot be read yet. to_log_sequence() answers
  // zero for those, so the search skips them.
  Sequence last{DecisionStates(log_->store()).load_scope(scope).value};
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

// Only the numbers of tenants move on at a restoration.
Sequence ScopePositions::last_at(Sequence in_scope) const {
  const auto* scope = std::get_if<Scope>(&counted_);
  if (scope == nullptr) return in_scope;
  return Sequence{DecisionStates(log_->store()).load_scope_end(*scope, ScopeSequence{in_scope.value}).number.value};
}

Sequence ScopePositions::to_log_sequence(Sequence in_scope) const {
  if (!counts_scope() || in_scope.value == 0) return in_scope;
  if (const auto* workspace = std::get_if<Workspace>(&counted_)) {
    return WorkspaceIndex(log_->store()).find(*workspace, WorkspaceSequence{in_scope.value}, log_->last());
  }
  const auto events = log_->read_scope(std::get<Scope>(counted_), ScopeSequence{in_scope.value - 1}, 1);
  return events.empty() ? Sequence{} : events.front().sequence;
}

bool ScopePositions::is_reached(Sequence position) const {
  if (const auto* scope = std::get_if<Scope>(&counted_)) {
    // The stored count is compared first, because it keeps the largest positions from overflowing in the look-up.
    if (position.value > DecisionStates(log_->store()).load_scope(*scope).value) return false;
    return position.value == 0 || to_log_sequence(position).value != 0;
  }
  return position <= scope_count_at(log_->last());
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
