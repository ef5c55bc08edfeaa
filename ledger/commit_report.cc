// Sorts answers into the counts of a report.
#include "ledger/commit_report.h"

namespace runledger {

void CommitReport::count(const Answer& answer) {
  ++answers;
  if (const auto* reply = std::get_if<Reply>(&answer)) {
    const std::size_t rule = reply->rule ? static_cast<std::size_t>(*reply->rule) : kRules;
    ++replies.at(static_cast<std::size_t>(reply->verdict)).at(rule);
  } else if (std::holds_alternative<Rejection>(answer)) {
    ++rejections;
  } else {
    ++unknown;
  }
}

}  // namespace runledger
