// The evidence that a caller may have (docs/tenant-evidence.md).
#pragma once

#include <optional>
#include <string>

#include "tools/daemon/access/session.h"

namespace runledger {

// Needs the right kAudit. Evidence has the stored bytes of events, so the callers in them are not shown as the session
// shows them elsewhere. It is signed for each call, so that its time tells nothing of other scopes. Functions wait for
// another process that uses the audit key, for 2 seconds at most, and throw Failure as ScopeProver does. Codes besides
// those that they name: "access.denied", "access.unauthenticated", "checkpoint.absent" without an audit key,
// "audit_key.busy", and "proof.too_large" for more than kBytesMax. Any thread may use it.
class SessionEvidence {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{32} * 1024 * 1024;

  // `session` is not owned and must outlive it.
  explicit SessionEvidence(const Session& session) : session_(session) {}

  // Returns the file of a tenant, or without one, that of what a workspace itself did. What the session's grant implies
  // may be left out. Codes "scope.not_found", "workspace.required".
  [[nodiscard]] Result<std::string> of_scope(const std::optional<Workspace>& workspace,
                                             const std::optional<Tenant>& tenant) const;
  // Returns the file of a run. Code "run.not_found".
  [[nodiscard]] Result<std::string> of_run(RunId run) const;

 private:
  [[nodiscard]] const EventLog& log() const { return session_.ledger_->log(); }
  [[nodiscard]] Time now() const { return session_.ledger_->clock().now(); }

  const Session& session_;
};

}  // namespace runledger
