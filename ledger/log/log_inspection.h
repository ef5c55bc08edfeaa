// The log as it is stored, entry by entry: for `verify`, and for rebuilding rows from a damaged log.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "ledger/log/store/store.h"
#include "ledger/rules/run.h"

namespace runledger {

// Reads what is stored without requiring that it is consistent, so that a caller can report damage at which EventLog
// would stop. Any thread may use it; each visit sees the store as it was when the visit began. Throws Failure
// "storage.damaged" at an entry that does not have its family's form and when the engine reports corruption,
// "storage.failed" when the engine cannot read.
class LogInspection {
 public:
  // `store` is not owned and must outlive it.
  explicit LogInspection(const Store& store) : store_(store) {}

  // Visits the stored bytes of the events after `after` up to and including `to`, in order, each with the position that
  // it is stored at. The bytes are neither decoded nor checked, and gaps are skipped. Requires that `to` is at most the
  // log's last position.
  void scan_stored(Sequence after, Sequence to,
                   const std::function<void(Sequence position, std::string_view stored)>& visit) const;

  // Visit every stored state or index entry of one family, in the order of its keys. A state that is left to the run's
  // events (is_left_to_events() in ledger/log/state_codec.h) is absent.
  void visit_runs(const std::function<void(RunId, const std::optional<RunState>&)>& visit) const;
  void visit_identities(const std::function<void(const Identity&, const IdentityState&)>& visit) const;
  void visit_run_events(const std::function<void(RunId, RunVersion, Sequence)>& visit) const;
  // `scope` is the digest under which the scope's events are indexed: scope_digest(scope) (ledger/log/entries.h).
  void visit_scope_events(const std::function<void(const ContentDigest& scope, ScopeSequence, Sequence)>& visit) const;
  // `workspace` is workspace_digest(workspace).
  void visit_workspace_events(
      const std::function<void(const ContentDigest& workspace, Sequence, WorkspaceSequence)>& visit) const;

 private:
  const Store& store_;
};

}  // namespace runledger
