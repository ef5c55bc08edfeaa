// Positions of events as a caller may see them: in the log, or in its own scope.
#pragma once

#include <optional>

#include "ledger/log/event_log.h"
#include "projections/folds/operation_run.h"
#include "projections/reader/ledger_reader.h"

namespace runledger {

// Translates between the log's counting and the caller's. A caller that is bound to a tenant counts the events of its
// own scope only, because the log's counting would tell how busy its neighbours are. For every other caller the two
// are the same, and each translation gives back what it was given.
//
// Any thread may use it; a copy is cheap. Throws Failure as EventLog does, "storage.damaged" where the log has no event
// at a position that it must have.
class ScopePositions {
 public:
  // `log` is not owned and must outlive it. `scope`: the one that the caller counts; absent: it counts as the log does.
  ScopePositions(const EventLog& log, std::optional<Scope> scope);

  [[nodiscard]] bool counts_scope() const noexcept { return scope_.has_value(); }
  // Requires counts_scope().
  [[nodiscard]] const Scope& scope() const { return *scope_; }

  // Requires a position of an event of the caller's scope, or zero, which stays zero.
  [[nodiscard]] Sequence to_scope_sequence(Sequence in_log) const;
  [[nodiscard]] Envelope to_scope_sequence(Envelope envelope) const;
  [[nodiscard]] OperationRun::Row to_scope_sequence(OperationRun::Row row) const;
  [[nodiscard]] Reply to_scope_sequence(Reply reply) const;
  // The event at that position of the log, numbered as the caller counts.
  [[nodiscard]] Envelope event_at(Sequence in_log) const;

  // How many events the caller counts up to the log's position `to`.
  [[nodiscard]] Sequence scope_count_at(Sequence to) const;

  // The reverse of to_scope_sequence(). Zero, which is no event's position, where the caller's scope has no such event.
  [[nodiscard]] Sequence to_log_sequence(Sequence in_scope) const;

  // The position of the log that the caller means; absent: the last one. A position after the last event means that
  // one, too.
  [[nodiscard]] Sequence resolve_as_of(const std::optional<AsOf>& as_of) const;

 private:
  const EventLog* log_;
  std::optional<Scope> scope_;
};

}  // namespace runledger
