// Counts the results of a job that does the same work for one policy after another.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/worker/job.h"

namespace runledger {

// Counts total, processed, succeeded, failed and skipped policies: processed = succeeded + failed, and skipped policies
// were never tried (total - processed). Used by one thread.
class PolicyTally {
 public:
  // Adds to the total, which must cover every policy whose result is counted.
  void expect(std::uint64_t policies) { total_ += policies; }
  // Adds to the count "items", which the report has only after a call of this, even one with 0.
  void add_items(std::uint64_t count) { items_ = items_.value_or(0) + count; }
  void succeeded() { ++succeeded_; }
  void failed(std::string_view policy, const JobFailure& failure);

  // Calls `work` for one policy and counts its result. Returns false after a fault that would occur with every other
  // policy too (FaultReach::kRun). If such a fault is retryable, throws as give_up() does instead.
  [[nodiscard]] bool try_policy(std::string_view policy, const std::function<void()>& work);

  // Throws the same failure as the failure of the whole job, with the counts so far.
  [[noreturn]] void give_up(const JobFailure& failure) const;

  // Tries the policies again whose failures may pass, in rounds, as long as there are any and `wait` returns true for
  // the number of tries so far. Does so only if a policy has succeeded: otherwise the attempt fails, and the ledger
  // sees to another one. `work` and the exceptions are those of try_policy().
  void try_failed_again(const std::function<void(const std::string& policy)>& work,
                        const std::function<bool(unsigned tries)>& wait);

  // Returns the report: succeeded if no policy failed, failed if policies failed and none succeeded, otherwise
  // partially succeeded; retryable if one of the failures is. It has one note per failure, at most
  // kFailuresPerEventMax: if there are more, the last note says how many policies failed beyond the others
  // (assignments.more_failed).
  [[nodiscard]] JobReport report() const;

 private:
  struct FailedPolicy {
    std::string policy;
    FailureNote note;
    bool retryable;
  };

  [[nodiscard]] Counts counts() const;
  [[nodiscard]] std::vector<std::string> retryable_policies() const;
  [[nodiscard]] bool try_again(const std::string& policy, const std::function<void(const std::string&)>& work);

  std::uint64_t total_ = 0;
  std::uint64_t succeeded_ = 0;
  std::optional<std::uint64_t> items_;
  std::vector<FailedPolicy> failed_;
};

}  // namespace runledger
