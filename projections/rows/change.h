// What a batch of events did to a run, for whoever waits for runs to become due or for leases to run out.
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
  std::optional<Time> due_at;          // It is queued now, and may be claimed from then on.
  AttemptNumber attempt;               // The last one started.
  std::optional<Duration> leased_for;  // It was started now, and is under way.
  bool is_running = false;             // It is under way.
};

// Told of the runs of each batch that were started in it or are not running after it, once the rows can be read as they
// are after it. On the thread that catches up, which it must not hold up.
using RowWatch = std::function<void(const std::vector<RowChange>& changes)>;

}  // namespace runledger
