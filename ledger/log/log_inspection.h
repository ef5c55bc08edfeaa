// The log as it is stored, entry by entry, for verify and for rebuilding past damage.
#pragma once

#include <functional>
#include <string_view>

#include "ledger/log/store/store.h"
#include "ledger/rules/event.h"
#include "ledger/rules/run.h"

namespace runledger {

// Shows what EventLog would stop at. Any thread may use it; each visit sees the store as it was when the visit began.
// Throws "storage.damaged" at an entry that is not of its family's form, and when the engine cannot read on.
class LogInspection {
 public:
  // `store` is not owned and must outlive it.
  explicit LogInspection(const Store& store) : store_(store) {}

  // The stored bytes of the events after `after` up to and including `to`, in order, each under the position that it is
  // stored at, whatever they hold: nothing is decoded, nothing checked, gaps are passed over. Requires that `to` is at
  // most the log's last position.
  void scan_stored(Sequence after, Sequence to,
                   const std::function<void(Sequence position, std::string_view stored)>& visit) const;

  // Every stored state and index entry, in the order of their keys.
  void visit_runs(const std::function<void(RunId, const RunState&)>& visit) const;
  void visit_identities(const std::function<void(const Identity&, const IdentityState&)>& visit) const;
  void visit_run_events(const std::function<void(RunId, RunVersion, Sequence)>& visit) const;
  // `scope` is the digest under which the scope's events are indexed: scope_digest(scope) (ledger/log/entries.h).
  void visit_scope_events(const std::function<void(const ContentDigest& scope, ScopeSequence, Sequence)>& visit) const;

 private:
  const Store& store_;
};

}  // namespace runledger
