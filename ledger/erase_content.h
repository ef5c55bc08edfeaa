// The request of an operator that what a tenant has written so far be erased.
#pragma once

#include "ledger/rules/event.h"

namespace runledger {

struct EraseContent {
  Scope scope;  // With a tenant.
  SanitizedText reason;
  Caller caller;
  // The number of the tenant's last event when the caller saw that no run of it is active. When another one has come
  // since, the request is refused with "scope.changed", and the caller must look again.
  ScopeSequence seen;
};

}  // namespace runledger
