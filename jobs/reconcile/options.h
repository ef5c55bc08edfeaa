// What the input of ops.reconcile_adapter_runs may ask for.
#pragma once

#include <cstddef>

#include "ledger/values/run_input.h"
#include "ledger/values/time.h"

namespace runledger {

struct ReconcileOptions {
  static constexpr std::size_t kLimitMax = 10'000;

  Duration stale_after = std::chrono::hours(1);
  Duration adapter_grace = std::chrono::seconds(30);  // As long as a worker tries to report an end (DaemonAddress).
  std::size_t limit = 1000;
};

// Seconds from 0 to a year, a limit from 1 to kLimitMax; what is unknown is refused, as it may be misspelt. Code
// "reconcile.input_invalid".
[[nodiscard]] Result<ReconcileOptions> parse_reconcile_options(const RunInput& input);

}  // namespace runledger
