// Counts results, and decides when it is pointless to continue.
#include "jobs/graph/policy_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "jobs/graph/failure.h"
#include "ledger/base/assert.h"

namespace runledger {

void PolicyTally::failed(std::string_view policy, const JobFailure& failure) {
  failed_.push_back({.policy = std::string(policy),
                     .note = {failure.reason_code(), sanitize(fmt::format("policy {}: {}", policy, failure.what()))},
                     .retryable = failure.retryable()});
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

std::vector<std::string> PolicyTally::retryable_policies() const {
  std::vector<std::string> policies;
  for (const FailedPolicy& each : failed_) {
    if (each.retryable) policies.push_back(each.policy);
  }
  return policies;
}

// The failure keeps its place: a failure of the new try replaces it.
bool PolicyTally::try_again(const std::string& policy, const std::function<void(const std::string&)>& work) {
  const auto same = [&](const FailedPolicy& each) { return each.policy == policy && each.retryable; };
  const auto place = std::find_if(failed_.begin(), failed_.end(), same) - failed_.begin();
  const std::size_t before = failed_.size();
  const bool go_on = try_policy(policy, [&] { work(policy); });
  if (failed_.size() > before) {
    failed_[static_cast<std::size_t>(place)] = std::move(failed_.back());
    failed_.pop_back();
  } else {
    failed_.erase(failed_.begin() + place);
  }
  return go_on;
}

void PolicyTally::try_failed_again(const std::function<void(const std::string&)>& work,
                                   const std::function<bool(unsigned)>& wait) {
  constexpr unsigned kTriesMax = 3;
  for (unsigned tries = 1; tries < kTriesMax && succeeded_ > 0; ++tries) {
    const std::vector<std::string> policies = retryable_policies();
    if (policies.empty() || !wait(tries)) return;
    for (const std::string& policy : policies) {
      if (!try_again(policy, work)) return;
    }
  }
}

void PolicyTally::give_up(const JobFailure& failure) const {
  throw JobFailure(failure.reason_code(), failure.what(), failure.retryable(), counts());
}

Counts PolicyTally::counts() const {
  const std::uint64_t processed = succeeded_ + failed_.size();
  RUNLEDGER_ASSERT(processed <= total_);
  Counts counts = {{*parse_count_key("total"), total_},
                   {*parse_count_key("processed"), processed},
                   {*parse_count_key("succeeded"), succeeded_},
                   {*parse_count_key("failed"), failed_.size()},
                   {*parse_count_key("skipped"), total_ - processed}};
  if (items_) counts.emplace(*parse_count_key("items"), *items_);
  return counts;
}

JobReport PolicyTally::report() const {
  JobReport report;
  report.summary_counts = counts();
  for (const FailedPolicy& each : failed_) {
    if (report.failures.size() < kFailuresPerEventMax) report.failures.push_back(each.note);
  }
  if (failed_.size() > kFailuresPerEventMax) {  // The last place says how many failures have no note of their own.
    const std::size_t more = failed_.size() - (kFailuresPerEventMax - 1);
    report.failures.back() = {*parse_reason_code("assignments.more_failed"),
                              sanitize(fmt::format("{} more policies failed", more))};
  }
  if (!failed_.empty()) report.outcome = succeeded_ > 0 ? AttemptOutcome::kPartiallySucceeded : AttemptOutcome::kFailed;
  report.retryable = !retryable_policies().empty();
  return report;
}

}  // namespace runledger
