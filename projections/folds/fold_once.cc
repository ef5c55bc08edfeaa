// Folds all runs side by side, and lets go of those that have been completed for a while.
#include "projections/folds/fold_once.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace runledger {
namespace {

class OnceFold {
 public:
  OnceFold(const std::function<void(const RunWithAttempts&)>& visit, const FoldOnceLimits& limits)
      : visit_(visit), limits_(limits) {}

  void apply(const Envelope& envelope) {
    if (RunWithAttempts* run = run_of(envelope)) {
      evolve(*run, envelope);
      if (run->row.status == RunStatus::kCompleted) completed_.emplace_back(envelope.sequence, envelope.run);
    }
    visit_settled(envelope.sequence);
    if (runs_.size() >= limits_.rows_max) visit_all();
  }

  void visit_all() {
    for (const auto& [id, run] : runs_) visit_(run);
    runs_.clear();
    completed_.clear();
  }

  [[nodiscard]] std::vector<RunId> changed_runs() const {
    std::vector<RunId> runs(changed_.begin(), changed_.end());
    std::sort(runs.begin(), runs.end());
    return runs;
  }

 private:
  // Null when the run was visited already.
  RunWithAttempts* run_of(const Envelope& envelope) {
    if (envelope.run_version == RunVersion{1}) return &runs_[envelope.run];
    const auto found = runs_.find(envelope.run);
    if (found != runs_.end()) return &found->second;
    changed_.insert(envelope.run);
    return nullptr;
  }

  void visit_settled(Sequence now) {
    while (!completed_.empty() && completed_.front().first.value + limits_.settled_events <= now.value) {
      const auto [sequence, run] = completed_.front();
      completed_.pop_front();
      const auto found = runs_.find(run);
      if (found == runs_.end() || found->second.row.last_sequence != sequence) continue;  // It had another event.
      visit_(found->second);
      runs_.erase(found);
    }
  }

  const std::function<void(const RunWithAttempts&)>& visit_;
  const FoldOnceLimits limits_;
  std::unordered_map<RunId, RunWithAttempts> runs_;
  std::deque<std::pair<Sequence, RunId>> completed_;  // The events after which a run was completed, in order.
  std::unordered_set<RunId> changed_;
};

}  // namespace

std::vector<RunId> fold_once(const EventSource& events, const std::function<void(const RunWithAttempts&)>& visit,
                             const FoldOnceLimits& limits) {
  OnceFold fold(visit, limits);
  events([&](const Envelope& envelope) { fold.apply(envelope); });
  fold.visit_all();
  return fold.changed_runs();
}

}  // namespace runledger
