// Sorts answers and events into the counts of a report.
//
// An internal command asks "in case it is time", over and over; only the calls that changed something are of interest.
#include "ledger/commit_report.h"

#include <algorithm>

#include "ledger/log/event_log.h"

namespace runledger {

void CommitReport::count(const Answer& answer, bool is_internal) {
  const auto* reply = std::get_if<Reply>(&answer);
  const bool came_of_it = reply != nullptr && reply->verdict != Verdict::kAlive;
  if (is_internal && !came_of_it) return;
  ++answers;
  if (reply != nullptr && reply->repeated) {
    ++repeated;
  } else if (reply != nullptr) {
    const std::size_t rule = reply->rule ? static_cast<std::size_t>(*reply->rule) : kRules;
    ++replies.at(static_cast<std::size_t>(reply->verdict)).at(rule);
  } else if (std::holds_alternative<Rejection>(answer)) {
    ++rejections;
  } else {
    ++unknown;
  }
}

void CommitReport::count(const AppendBatch& written) {
  wrote = true;
  events += written.events.size();
  lost_attempts += static_cast<std::size_t>(
      std::count_if(written.events.begin(), written.events.end(), [](const Envelope& envelope) {
        const auto* finished = std::get_if<AttemptFinished>(&envelope.event);
        return finished != nullptr && finished->outcome == AttemptOutcome::kLost;
      }));
}

}  // namespace runledger
