// The score of a job that does the same for one policy after another.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "jobs/worker/job.h"

namespace runledger {

// Counts total, processed, succeeded, failed and skipped; processed = succeeded + failed, and skipped are those of the
// total that were never tried.
class PolicyTally {
 public:
  void expect(std::uint64_t policies) { total_ += policies; }
  // Makes "items" one of the counts.
  void add_items(std::uint64_t count) { items_ = items_.value_or(0) + count; }
  void succeeded() { ++succeeded_; }
  void failed(std::string_view policy, const JobFailure& failure);

  // Does `work` for one policy, and counts how it went. False: what went wrong would go wrong with every other policy
  // too. When another attempt may do better then, throws as give_up() does instead.
  [[nodiscard]] bool try_policy(std::string_view policy, const std::function<void()>& work);

  // The same failure, as one of the whole job, with the counts so far.
  [[noreturn]] void give_up(const JobFailure& failure) const;

  // Succeeded when nothing failed; failed when nothing succeeded, and retryable when one of the failures is. One note a
  // failure, at most kFailuresPerEventMax: the last says how many more there are then.
  [[nodiscard]] JobReport report() const;

 private:
  [[nodiscard]] Counts counts() const;

  std::uint64_t total_ = 0;
  std::uint64_t succeeded_ = 0;
  std::uint64_t failed_ = 0;
  std::optional<std::uint64_t> items_;
  bool retryable_ = false;
  std::vector<FailureNote> notes_;  // The first kFailuresPerEventMax.
};

}  // namespace runledger
