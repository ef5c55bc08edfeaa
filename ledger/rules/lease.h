// Leases: how long an attempt lives without a sign of life, measured so that no step of a clock cuts it short.
#pragma once

#include <optional>

#include "ledger/rules/run.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"

namespace runledger {

// The last sign of life of an attempt: its start, or a heartbeat. It is liveness and not history, so it is neither in
// the log nor part of any fold.
struct LifeSign {
  ScopeSequence token;
  Moment at;
  Counts progress = {};  // What the last heartbeat that reported any progress said.
  friend bool operator==(const LifeSign&, const LifeSign&) = default;
};

// Returns how long the open attempt's lease still runs; zero or less when it has run out.
//
// The time is counted on the monotonic clock from the attempt's last sign of life. When that is unknown, or was
// recorded before the machine restarted, the wall clock is used instead. `renewed_at` is the time at which a process
// that keeps the ledger open opened it, or went on after a pause; every attempt got one full lease then, because just
// before that time no process could have accepted its heartbeats. The function is pure.
[[nodiscard]] Duration lease_left(const AttemptState& open, const std::optional<LifeSign>& last,
                                  const std::optional<SteadyTime>& renewed_at, const Moment& now);

}  // namespace runledger
