// Follows the log from a position: first what is there, then what comes.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "ledger/event_log.h"

namespace runledger {

// For one thread. Gives every event after its start exactly once, in order, as soon as it is durable. It pulls, so a
// slow reader holds nobody up and costs no memory.
class Subscription {
 public:
  // `log` is not owned and must outlive it.
  Subscription(const EventLog& log, Sequence after) : log_(log), position_(after) {}

  // At most `count_max` events; waits up to `timeout` for the first. Empty: none came.
  [[nodiscard]] std::vector<Envelope> next(std::size_t count_max, std::chrono::milliseconds timeout);

  // The last event given out.
  [[nodiscard]] Sequence position() const noexcept { return position_; }

 private:
  const EventLog& log_;
  Sequence position_;
};

}  // namespace runledger
