// Makes the evidence of one scope or run of an open log.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/run_evidence.h"
#include "ledger/evidence/scope_evidence.h"
#include "ledger/log/event_log.h"
#include "ledger/log/scope_trees.h"
#include "ledger/values/time.h"

namespace runledger {

// The evidence is of the log as it is during the call. A note of the tree of scopes is signed for it, after a
// checkpoint of the log that names the same tree was signed and remembered: so the log cannot be put back unnoticed
// behind evidence that was handed out. What is returned was checked before, as a reader would check it. Every function
// throws Failure as Prover::checkpoint() and ScopeTrees do.
class ScopeProver {
 public:
  // `log` is not owned and must outlive it.
  explicit ScopeProver(const EventLog& log, ScopeTrees::Interrupted interrupted = {})
      : log_(log), trees_(log.store(), std::move(interrupted)) {}

  // Returns the evidence of a scope without its events, which write() adds. `now` is the time in the note. Code
  // "scope.not_found" for a scope without events.
  [[nodiscard]] Result<ScopeEvidence> prove(const Scope& scope, const AuditKey& key, Time now) const;
  // Hands the file of evidence to `write`, piece by piece.
  void write(const ScopeEvidence& evidence, const std::function<void(std::string_view piece)>& write) const;

  // Returns the file of evidence of a run. Codes "run.not_found", and "proof.too_large" for a run whose file would have
  // more than kProofBytesMax.
  [[nodiscard]] Result<std::string> prove_run(RunId run, const AuditKey& key, Time now) const;

  // Returns the scope of a tenant. Codes "scope.not_found", and "workspace.required" when several workspaces have one
  // of that name.
  [[nodiscard]] Result<Scope> find_scope(const Tenant& tenant) const;

 private:
  void at_head(const std::function<void(const ScopesAtHead&)>& use) const;

  const EventLog& log_;
  ScopeTrees trees_;
};

}  // namespace runledger
