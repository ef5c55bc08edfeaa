// A claim together with the runs that its caller may have.
#pragma once

#include <functional>
#include <optional>

#include "ledger/client.h"

namespace runledger {

// What one caller asks for, and of whose runs.
struct ScopedClaim {
  ClaimRequest what;
  std::optional<Workspace> workspace;  // Only runs of it,
  std::optional<Tenant> tenant;        // and of this tenant of it. Absent: of all. A tenant needs its workspace.
  CommandOptions mark;                 // With an id, a repeat is answered with what was claimed before.
};

using ClaimCompletion = std::function<void(ClaimAnswer)>;

}  // namespace runledger
