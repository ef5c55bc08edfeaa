// Folds a stretch of the log onto the runs that it changes.
#include "projections/postgres/mirror_batch.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "projections/folds/fold.h"

namespace runledger {
namespace {

class BatchFold {
 public:
  BatchFold(const EventLog& log, const MerkleFrontier& before, RunCache& cache) : log_(log), cache_(cache) {
    batch_.from = Sequence{before.size()};
    batch_.to = batch_.from;
    batch_.tree = before;
  }

  void apply(const Envelope& envelope, std::string_view stored) {
    if (!is_of_ledger(envelope.event)) evolve(run_before(envelope), envelope);
    if (const auto* erased = std::get_if<Erased>(&envelope.event)) batch_.erased = erased->scope;
    batch_.to = envelope.sequence;
    batch_.tree.append(stored);
    bytes_ += stored.size();  // The event cannot have added more than this to its run.
  }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool erases() const { return batch_.erased.has_value(); }

  [[nodiscard]] MirrorBatch finish() { return std::move(batch_); }

 private:
  RunWithAttempts& run_before(const Envelope& envelope) {
    const auto [place, is_new] = places_.try_emplace(envelope.run, batch_.runs.size());
    if (is_new) {
      batch_.runs.push_back(load(envelope));
      bytes_ += RunBytes{}(batch_.runs.back());
    }
    return batch_.runs[place->second];
  }

  RunWithAttempts load(const Envelope& envelope) {
    if (envelope.run_version == RunVersion{1}) return {};
    if (std::optional<RunWithAttempts> held = cache_.take(envelope.run)) {
      RUNLEDGER_ASSERT(held->row.last_sequence <= batch_.from);
      return *std::move(held);
    }
    std::optional<RunWithAttempts> folded = fold_run_with_attempts(log_, envelope.run, batch_.from);
    if (!folded)
      throw_damaged("event " + std::to_string(envelope.sequence.value) + ": expected earlier events of run " +
                    format_uuid(envelope.run.value) + ", found none");
    return *std::move(folded);
  }

  const EventLog& log_;
  RunCache& cache_;
  MirrorBatch batch_;
  std::size_t bytes_ = 0;
  std::unordered_map<RunId, std::size_t> places_;
};

}  // namespace

// Counts the parts that can be large, and a constant for the rest.
std::size_t RunBytes::operator()(const RunWithAttempts& run) const {
  constexpr std::size_t kOverhead = 256;
  constexpr std::size_t kPerCount = 96;
  const OperationRun::Row& row = run.row;
  const auto of_failures = [](const std::vector<FailureNote>& failures) {
    std::size_t bytes = 0;
    for (const FailureNote& failure : failures) bytes += sizeof(failure) + failure.message.str().size();
    return bytes;
  };
  std::size_t bytes = sizeof(run) + kOverhead + row.context.canonical().size() +
                      (row.summary_counts.size() + row.held_counts.size()) * kPerCount + of_failures(row.failures);
  for (const OperationRunAttempt::Row& attempt : run.attempts)
    bytes += sizeof(attempt) + attempt.worker.str().size() + attempt.summary_counts.size() * kPerCount +
             of_failures(attempt.failures);
  return bytes;
}

MirrorBatch fold_batch(const EventLog& log, const MerkleFrontier& before, const MirrorBatchLimits& limits,
                       RunCache& cache) {
  const Sequence from{before.size()};
  BatchFold fold(log, before, cache);
  const Sequence to{std::min(from.value + limits.events, log.last().value)};
  log.scan(from, to, [&](const Envelope& envelope, std::string_view stored) {
    fold.apply(envelope, stored);
    return !fold.erases() && fold.bytes() < limits.bytes ? Scan::kContinue : Scan::kStop;
  });
  return fold.finish();
}

}  // namespace runledger
