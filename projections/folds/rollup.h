// What happened to the runs of one type in an interval: a roll-up of events.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"

namespace runledger {

// Durations in buckets whose bounds are powers of two: bucket 0 has those below 1 ms, bucket i those from 2^(i-1) ms to
// 2^i ms, and the last one all above.
inline constexpr std::size_t kDurationBuckets = 41;
[[nodiscard]] std::size_t duration_bucket(Duration duration);
// The lower and the upper bound of a bucket; the last one has no upper bound and gives its lower one twice.
[[nodiscard]] std::pair<Duration, Duration> bounds_of_bucket(std::size_t bucket);

// A value. The sum of the roll-ups of two intervals is that of both together, in whatever order they are added.
class Rollup {
 public:
  // The names of reason codes that are kept, the smallest by their bytes; the others have only their total.
  static constexpr std::size_t kReasonsMax = 32;

  // A counter. A deduped event counts for its rule, a completed run for its outcome, and a duration for its bucket.
  enum class Kind : std::uint8_t { kRequested, kStarted, kDeduped, kCompleted, kWait, kDuration };

  // Applies an event that took its run from `before` (absent: it did not exist) to the row `after`.
  void evolve(const std::optional<Standing>& before, const OperationRun::Row& after, const Envelope& envelope);
  void add(const Rollup& other);

  [[nodiscard]] std::uint64_t count(Kind kind, std::size_t of = 0) const;
  // The sum over all rules, outcomes or buckets.
  [[nodiscard]] std::uint64_t total(Kind kind) const;
  // Completed runs without success, by their reason code.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& failures() const { return failures_; }
  [[nodiscard]] std::uint64_t failures_left_out() const { return failures_left_out_; }
  // The upper bound of the bucket in which the given share of the durations ends; absent without any.
  [[nodiscard]] std::optional<Duration> percentile(Kind kind, double share) const;

  // The stored form: equal roll-ups give equal bytes. Parsing returns nullopt for anything else.
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<Rollup> parse(std::string_view stored);

  friend bool operator==(const Rollup&, const Rollup&) = default;

 private:
  void increase(Kind kind, std::size_t of, std::uint64_t by);
  void increase(std::size_t counter, std::uint64_t by);
  void increase_failures(const std::string& reason, std::uint64_t by);

  // Few counters are not zero, so only these are kept: by number, sorted.
  std::vector<std::pair<std::uint8_t, std::uint64_t>> counters_;
  std::map<std::string, std::uint64_t> failures_;
  std::uint64_t failures_left_out_ = 0;
};

}  // namespace runledger
