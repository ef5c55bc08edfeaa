// Implements the names of rights and the checks of a grant against a scope or an operation.
#include "tools/daemon/access/grant.h"

#include "ledger/base/assert.h"

namespace runledger {

std::string_view to_string(Right right) {
  switch (right) {
    case Right::kRequest:
      return "request";
    case Right::kWork:
      return "work";
    case Right::kAudit:
      return "audit";
    case Right::kOperate:
      return "operate";
  }
  RUNLEDGER_ASSERT(false);
}

std::optional<Right> parse_right(std::string_view text) {
  for (const Right right : kAllRights) {
    if (to_string(right) == text) return right;
  }
  return std::nullopt;
}

bool Grant::covers(const Scope& scope) const {
  if (workspace && *workspace != scope.workspace) return false;
  return !tenant || tenant == scope.tenant;
}

std::optional<Rejection> Grant::deny_operation() const {
  if (!workspace && rights.contains(Right::kOperate)) return std::nullopt;
  return reject("access.denied", "expected the right to operate the whole ledger, found none");
}

std::optional<Rejection> Grant::deny_import() const {
  if (auto denied = deny_operation()) return denied;
  if (rights.contains(Right::kRequest) && rights.contains(Right::kWork)) return std::nullopt;
  return reject("access.denied",
                "expected the rights to request and to work besides the right to operate, found them missing");
}

}  // namespace runledger
