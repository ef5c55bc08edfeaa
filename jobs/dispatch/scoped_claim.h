// A claim, and the scope whose runs its caller may receive.
#pragma once

#include <functional>
#include <optional>

#include "ledger/base/shares.h"
#include "ledger/client.h"

namespace runledger {

// The request of one caller, limited to the scope that the caller may see.
struct ScopedClaim {
  ClaimRequest what;
  std::optional<Workspace> workspace;  // Absent: runs of every workspace qualify.
  std::optional<Tenant> tenant;        // Absent: runs of every tenant qualify. Requires `workspace`.
  Caller caller = {};
  Holder holder = {};           // Whose place the caller takes while it waits; see Claims::kWaitingMax.
  CommandOptions options = {};  // With an id, a repeat of the claim returns the run that it started before.
  // Why the caller may no longer have a run; the claim is then refused with it. Called before a run is started for the
  // caller, and every Claims::kDeniedEvery while it waits. Must not throw. Empty: the caller may always have one.
  std::function<std::optional<Rejection>()> deny = {};
};

// Receives the answer to one claim.
using ClaimCompletion = std::function<void(ClaimAnswer)>;

}  // namespace runledger
