// Counts results, and decides when it is pointless to continue.
#include "jobs/graph/policy_tally.h"

#include <fmt/format.h>

#include "jobs/graph/failure.h"
#include "ledger/base/assert.h"

namespace runledger {

void PolicyTally::failed(std::string_view policy, const JobFailure& failure) {
  ++failed_;
  retryable_ = retryable_ || failure.retryable();
  if (notes_.size() == kFailuresPerEventMax) return;
  notes_.push_back({failure.reason_code(), sanitize(fmt::format("policy {}: {}", policy, failure.what()))});
}

bool PolicyTally::try_policy(std::string_view policy, const std::function<void()>& work) {
  try {
    work();
    succeeded();
    return true;
  } catch (const GraphFailure& failure) {
    const bool of_all = failure.reach() == FaultReach::kRun;
    // A temporary fault of the whole service ends the attempt: the next attempt then tries all policies.
    if (of_all && failure.retryable()) give_up(failure);
    failed(policy, failure);
    return !of_all;
  } catch (const JobFailure& failure) {
    failed(policy, failure);
    return true;
  }
}

void PolicyTally::give_up(const JobFailure& failure) const {
  throw JobFailure(failure.reason_code(), failure.what(), failure.retryable(), counts());
}

Counts PolicyTally::counts() const {
  const std::uint64_t processed = succeeded_ + failed_;
  RUNLEDGER_ASSERT(processed <= total_);
  Counts counts = {{*parse_count_key("total"), total_},
                   {*parse_count_key("processed"), processed},
                   {*parse_count_key("succeeded"), succeeded_},
                   {*parse_count_key("failed"), failed_},
                   {*parse_count_key("skipped"), total_ - processed}};
  if (items_) counts.emplace(*parse_count_key("items"), *items_);
  return counts;
}

JobReport PolicyTally::report() const {
  JobReport report;
  report.summary_counts = counts();
  report.failures = notes_;
  if (failed_ > kFailuresPerEventMax) {  // The last place says how many failures have no note of their own.
    const std::uint64_t more = failed_ - (kFailuresPerEventMax - 1);
    report.failures.back() = {*parse_reason_code("assignments.more_failed"),
                              sanitize(fmt::format("{} more policies failed", more))};
  }
  if (failed_ > 0) report.outcome = succeeded_ > 0 ? AttemptOutcome::kPartiallySucceeded : AttemptOutcome::kFailed;
  report.retryable = retryable_;
  return report;
}

}  // namespace runledger
