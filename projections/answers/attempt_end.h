// How an attempt ended, found from the event that started it.
#pragma once

#include <optional>

#include "ledger/log/event_log.h"

namespace runledger {

struct AttemptEnd {
  Time ended_at;  // By the caller's clock, if it said so.
  Time recorded_at;
  std::optional<AttemptOutcome> outcome;  // Absent when it was superseded without a report.
  std::optional<ReasonCode> reason_code;
  bool is_late = false;
};

// Looks at the events of the run after the start, as many as kEventsLookedAt. Absent when none of them ended the
// attempt. Requires an event that started an attempt.
inline constexpr std::size_t kEventsLookedAt = 64;
[[nodiscard]] std::optional<AttemptEnd> find_attempt_end(const EventLog& log, const Envelope& started);

}  // namespace runledger
