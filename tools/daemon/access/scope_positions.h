// Positions of events as a caller may see them: positions in the log, or in the caller's own scope.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "ledger/log/event_log.h"
#include "ledger/values/position_seal.h"
#include "projections/folds/operation_run.h"
#include "projections/reader/event_pages.h"
#include "projections/reader/ledger_reader.h"

namespace runledger {

// Translates between positions in the log and positions in the caller's numbering. A caller that is bound to a tenant
// numbers only the events of that tenant, and one that is bound to a workspace those of the workspace and all its
// tenants, because positions in the log would reveal how busy others are. For a caller that is bound to neither, the
// two numberings are the same, and each translation returns its argument.
//
// Any thread may use it, and a copy is cheap. Every translation throws Failure as EventLog does, and "storage.damaged"
// when the log has no event at a position where it must have one.
class ScopePositions {
 public:
  // `log` and `seal` are not owned and must outlive every copy. `workspace` and `tenant` are what the caller is bound
  // to. Requires a workspace where there is a tenant.
  ScopePositions(const EventLog& log, const PositionSeal& seal, const std::optional<Workspace>& workspace,
                 const std::optional<Tenant>& tenant);

  // Whether the caller numbers the events of its own scope only.
  [[nodiscard]] bool counts_scope() const noexcept { return !std::holds_alternative<WholeLog>(counted_); }

  // Returns a page of the events in the caller's scope, by and with positions in the caller's numbering.
  [[nodiscard]] EventPage read(const EventQuery& query) const;

  // From the log's numbering to the caller's. Requires the position of an event in the caller's scope, or zero, which
  // stays zero.
  [[nodiscard]] Sequence to_scope_sequence(Sequence in_log) const;
  [[nodiscard]] Envelope to_scope_sequence(Envelope envelope) const;
  [[nodiscard]] OperationRun::Row to_scope_sequence(OperationRun::Row row) const;
  // Also gives the reply its sealed position, if the caller is bound to a scope.
  [[nodiscard]] Reply to_scope_sequence(Reply reply) const;

  // Returns the position in the log that was sealed for callers of this scope; nullopt for every other text. It may be
  // one that this log has not reached, if the ledger was restored from an older copy.
  [[nodiscard]] std::optional<Sequence> open(const std::string& sealed) const;

  // Returns how many events the caller's numbering has up to and including the position `to` in the log.
  [[nodiscard]] Sequence scope_count_at(Sequence to) const;

  // Returns the position of the last event at or before `in_scope`, both in the caller's numbering: the same one,
  // unless a restoration has skipped it. Requires a position that the numbering has reached.
  [[nodiscard]] Sequence last_at(Sequence in_scope) const;

  // The reverse of to_scope_sequence(). Returns zero, which is never the position of an event, when the caller's scope
  // has no event at `in_scope`.
  [[nodiscard]] Sequence to_log_sequence(Sequence in_scope) const;

  // Whether the caller's numbering has come as far as `position`: it is zero, or that of an event that can be read.
  [[nodiscard]] bool is_reached(Sequence position) const;

  // Returns the position in the log that the caller means by `as_of`: the last one if it is absent, or names a position
  // after the last event; for a time, that of the last event recorded at or before it.
  [[nodiscard]] Sequence resolve_as_of(const std::optional<AsOf>& as_of) const;

 private:
  struct WholeLog {};

  const EventLog* log_;
  const PositionSeal* seal_;
  std::string bound_to_;  // What positions are sealed with: names the scope. Empty for the whole log.
  std::variant<WholeLog, Workspace, Scope> counted_;  // Whose events are numbered; a Scope has a tenant.

  [[nodiscard]] Sequence last_of_scope(const Scope& scope, Sequence to) const;
};

}  // namespace runledger
