// The effect of a batch of events on a run, for components that wait for due runs or for leases that run out.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

struct RowChange {
  RunId run;
  Scope scope;
  RunType type;
  std::optional<Time> due_at;          // The run is queued, and may be claimed from then on.
  AttemptNumber attempt;               // The last one started.
  std::optional<Duration> leased_for;  // Set when the batch started this attempt and it is still running.
  bool is_running = false;             // The run is running after the batch.
};

// Called once for each batch with the runs that the batch started or that are not running after it. By then the rows
// can be read as they are after the batch. It is called on the thread that catches up, which it must not hold up.
using RowWatch = std::function<void(const std::vector<RowChange>& changes)>;

}  // namespace runledger
