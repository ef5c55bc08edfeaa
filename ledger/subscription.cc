// Reads what is there; sleeps only when there is nothing.
#include "ledger/subscription.h"

namespace runledger {

std::vector<Envelope> Subscription::next(std::size_t count_max, std::chrono::milliseconds timeout) {
  if (!log_.wait_past(position_, timeout)) return {};
  std::vector<Envelope> events = log_.read(position_, count_max);
  if (!events.empty()) position_ = events.back().sequence;
  return events;
}

}  // namespace runledger
