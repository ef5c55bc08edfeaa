// Leases: how long an attempt lives without a sign of life, measured so that no step of a clock shortens it.
#pragma once

#include <optional>

#include "ledger/rules/run.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"

namespace runledger {

// The last sign of life of an attempt: its start, or a heartbeat. Liveness, not history: not in the log, not part of
// any fold.
struct LifeSign {
  Sequence token;
  Moment at;
  friend bool operator==(const LifeSign&, const LifeSign&) = default;
};

// How long the open attempt's lease has yet to run; zero or less: it has run out.
//
// Counted on the monotonic clock from the attempt's last sign of life. Where that is unknown, or was given before the
// machine was started anew, the wall clock has to do. `renewed_at`: when the ledger was opened by a process that keeps
// it open; every attempt had one full lease then, because nobody could have taken its heartbeats before.
[[nodiscard]] Duration lease_left(const AttemptState& open, Duration lease, const std::optional<LifeSign>& last,
                                  const std::optional<SteadyTime>& renewed_at, const Moment& now);

}  // namespace runledger
