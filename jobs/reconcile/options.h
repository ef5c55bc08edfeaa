// The input of ops.reconcile_adapter_runs.
#pragma once

#include <cstddef>

#include "ledger/values/run_input.h"
#include "ledger/values/time.h"

namespace runledger {

struct ReconcileOptions {
  static constexpr std::size_t kLimitMax = 10'000;

  Duration stale_after = std::chrono::hours(1);       // How long a due run may wait for a worker.
  Duration adapter_grace = std::chrono::seconds(30);  // As long as a client repeats a command (DaemonAddress).
  std::size_t limit = 1000;                           // How many runs one job tries to close.
};

// Parses the input: seconds from 0 to 366 days, and a limit from 1 to kLimitMax; all members are optional. An unknown
// member is refused, because it may be a misspelt one. Code "reconcile.input_invalid".
[[nodiscard]] Result<ReconcileOptions> parse_reconcile_options(const RunInput& input);

}  // namespace runledger
