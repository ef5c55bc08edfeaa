// Implements the checks of a grant against a scope or an operation.
#include "tools/daemon/access/grant.h"

namespace runledger {

bool Grant::covers(const Scope& scope) const {
  if (workspace && *workspace != scope.workspace) return false;
  return !tenant || tenant == scope.tenant;
}

CallerKind Grant::token_kind() const {
  if (!workspace) return CallerKind::kToken;
  return tenant ? CallerKind::kTenantToken : CallerKind::kWorkspaceToken;
}

Caller Grant::shown(const Caller& caller) const {
  if (!workspace) return caller;
  return tenant ? seen_from_tenant(caller) : seen_from_workspace(caller);
}

std::optional<Rejection> Grant::deny_operation() const {
  if (!workspace && rights.contains(Right::kOperate)) return std::nullopt;
  return reject("access.denied", "expected the right to operate the whole ledger, found none");
}

std::optional<Rejection> Grant::deny_whole_audit() const {
  if (!workspace && rights.contains(Right::kAudit)) return std::nullopt;
  return reject("access.denied", "expected the right to audit the whole ledger, found none");
}

std::optional<Rejection> Grant::deny_import() const {
  if (auto denied = deny_operation()) return denied;
  if (rights.contains(Right::kRequest) && rights.contains(Right::kWork)) return std::nullopt;
  return reject("access.denied",
                "expected the rights to request and to work besides the right to operate, found them missing");
}

}  // namespace runledger
