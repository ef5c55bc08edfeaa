// A claim, and the scope whose runs its caller may receive.
#pragma once

#include <functional>
#include <optional>

#include "ledger/client.h"

namespace runledger {

// The request of one caller, limited to the scope that the caller may see.
struct ScopedClaim {
  ClaimRequest what;
  std::optional<Workspace> workspace;  // Absent: runs of every workspace qualify.
  std::optional<Tenant> tenant;        // Absent: runs of every tenant qualify. Requires `workspace`.
  CommandOptions options;              // With an id, a repeat of the claim returns the run that it started before.
};

// Receives the answer to one claim.
using ClaimCompletion = std::function<void(ClaimAnswer)>;

}  // namespace runledger
