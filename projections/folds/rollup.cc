// Counters have numbers: those of each kind follow each other in the order of Kind.
#include "projections/folds/rollup.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

constexpr std::size_t kRules = kEnumWords<DedupeRule>.size();
constexpr std::size_t kOutcomes = kEnumWords<RunOutcome>.size();
constexpr std::array<std::size_t, 6> kSizes = {1, 1, kRules, kOutcomes, kDurationBuckets, kDurationBuckets};

constexpr std::size_t first_of(Rollup::Kind kind) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(kind); ++i) first += kSizes[i];
  return first;
}
constexpr std::size_t kCounters = first_of(Rollup::Kind::kDuration) + kDurationBuckets;
static_assert(kCounters <= 0xff);

void append_number(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) out.push_back(static_cast<char>(number | 0x80U));
  out.push_back(static_cast<char>(number));
}

// Reads what append_number() wrote.
class NumberReader {
 public:
  explicit NumberReader(std::string_view left) : left_(left) {}

  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  std::optional<std::string> text() {
    const std::optional<std::uint64_t> size = number();
    if (!size || *size > left_.size()) return std::nullopt;
    std::string text(left_.substr(0, *size));
    left_.remove_prefix(*size);
    return text;
  }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

}  // namespace

std::size_t duration_bucket(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::max(duration, Duration{})).count();
  return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(ms))),
                               kDurationBuckets - 1);
}

std::pair<Duration, Duration> bounds_of_bucket(std::size_t bucket) {
  RUNLEDGER_ASSERT(bucket < kDurationBuckets);
  const auto bound = [](std::size_t power) {
    return Duration(std::chrono::milliseconds(std::int64_t{1} << static_cast<unsigned>(power)));
  };
  if (bucket == 0) return {Duration{}, bound(0)};
  return {bound(bucket - 1), bound(bucket == kDurationBuckets - 1 ? bucket - 1 : bucket)};
}

void Rollup::evolve(const std::optional<Standing>& before, const OperationRun::Row& after, const Envelope& envelope) {
  if (!before) increase(Kind::kRequested, 0, 1);
  if (const auto* deduped = std::get_if<Deduped>(&envelope.event))
    increase(Kind::kDeduped, static_cast<std::size_t>(deduped->rule), 1);
  if (const auto* started = std::get_if<AttemptStarted>(&envelope.event)) {
    increase(Kind::kStarted, 0, 1);
    if (started->attempt == AttemptNumber{1} && after.started_at)
      increase(Kind::kWait, duration_bucket(*after.started_at - after.requested_at), 1);
  }
  const bool was_completed = before && before->status == RunStatus::kCompleted;
  if (after.status != RunStatus::kCompleted || was_completed) return;
  increase(Kind::kCompleted, static_cast<std::size_t>(after.outcome), 1);
  if (after.started_at && after.completed_at)
    increase(Kind::kDuration, duration_bucket(*after.completed_at - *after.started_at), 1);
  if (after.outcome != RunOutcome::kSucceeded && after.reason_code) increase_failures(after.reason_code->str(), 1);
}

void Rollup::add(const Rollup& other) {
  for (const auto& [counter, value] : other.counters_) increase(counter, value);
  for (const auto& [reason, value] : other.failures_) increase_failures(reason, value);
  failures_left_out_ += other.failures_left_out_;
}

std::uint64_t Rollup::count(Kind kind, std::size_t of) const {
  RUNLEDGER_ASSERT(of < kSizes[static_cast<std::size_t>(kind)]);
  const std::size_t counter = first_of(kind) + of;
  const auto found = std::lower_bound(counters_.begin(), counters_.end(), counter,
                                      [](const auto& each, std::size_t number) { return each.first < number; });
  return found == counters_.end() || found->first != counter ? 0 : found->second;
}

std::uint64_t Rollup::total(Kind kind) const {
  const std::size_t first = first_of(kind);
  const std::size_t end = first + kSizes[static_cast<std::size_t>(kind)];
  std::uint64_t sum = 0;
  for (const auto& [counter, value] : counters_) {
    if (counter >= first && counter < end) sum += value;
  }
  return sum;
}

std::optional<Duration> Rollup::percentile(Kind kind, double share) const {
  RUNLEDGER_ASSERT(kind == Kind::kWait || kind == Kind::kDuration);
  const std::uint64_t all = total(kind);
  if (all == 0) return std::nullopt;
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kDurationBuckets; ++bucket) {
    seen += count(kind, bucket);
    if (seen >= rank && seen > 0) return bounds_of_bucket(bucket).second;
  }
  return bounds_of_bucket(kDurationBuckets - 1).second;
}

std::string Rollup::encode() const {
  std::string stored;
  append_number(stored, counters_.size());
  for (const auto& [counter, value] : counters_) {
    append_number(stored, counter);
    append_number(stored, value);
  }
  append_number(stored, failures_.size());
  for (const auto& [reason, value] : failures_) {
    append_number(stored, reason.size());
    stored += reason;
    append_number(stored, value);
  }
  append_number(stored, failures_left_out_);
  return stored;
}

std::optional<Rollup> Rollup::parse(std::string_view stored) {
  NumberReader in(stored);
  Rollup rollup;
  const std::optional<std::uint64_t> counters = in.number();
  if (!counters || *counters > kCounters) return std::nullopt;
  for (std::uint64_t i = 0; i < *counters; ++i) {
    const std::optional<std::uint64_t> counter = in.number();
    const std::optional<std::uint64_t> value = in.number();
    const bool is_after = rollup.counters_.empty() || (counter && *counter > rollup.counters_.back().first);
    if (!counter || !value || *counter >= kCounters || !is_after) return std::nullopt;
    rollup.counters_.emplace_back(static_cast<std::uint8_t>(*counter), *value);
  }
  const std::optional<std::uint64_t> failures = in.number();
  if (!failures || *failures > kReasonsMax) return std::nullopt;
  for (std::uint64_t i = 0; i < *failures; ++i) {
    std::optional<std::string> reason = in.text();
    const std::optional<std::uint64_t> value = in.number();
    if (!reason || !value) return std::nullopt;
    rollup.failures_.emplace(*std::move(reason), *value);
  }
  const std::optional<std::uint64_t> left_out = in.number();
  if (!left_out || !in.at_end()) return std::nullopt;
  rollup.failures_left_out_ = *left_out;
  return rollup;
}

void Rollup::increase(Kind kind, std::size_t of, std::uint64_t by) {
  RUNLEDGER_ASSERT(of < kSizes[static_cast<std::size_t>(kind)]);
  increase(first_of(kind) + of, by);
}

void Rollup::increase(std::size_t counter, std::uint64_t by) {
  const auto place = std::lower_bound(counters_.begin(), counters_.end(), counter,
                                      [](const auto& each, std::size_t number) { return each.first < number; });
  if (place != counters_.end() && place->first == counter) {
    place->second += by;
  } else {
    counters_.emplace(place, static_cast<std::uint8_t>(counter), by);
  }
}

// The name is added first and the greatest one dropped after that, so the order of the names does not matter.
void Rollup::increase_failures(const std::string& reason, std::uint64_t by) {
  failures_[reason] += by;
  if (failures_.size() <= kReasonsMax) return;
  const auto greatest = std::prev(failures_.end());
  failures_left_out_ += greatest->second;
  failures_.erase(greatest);
}

}  // namespace runledger
