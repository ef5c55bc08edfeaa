// All runs with their attempts in one scan of the log, as soon as they seem final: for readers that can correct a few
// of them later.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "projections/folds/event_source.h"
#include "projections/folds/operation_run_attempt.h"

namespace runledger {

struct FoldOnceLimits {
  // A completed run whose last event is so many events ago is visited. Few runs have an event after that.
  std::size_t settled_events = 20'000;
  // When so many runs wait, all of them are visited.
  std::size_t rows_max = 1'000'000;
};

// Visits every run once, in no order, while it scans the source once. Returns the runs that had another event
// after they were visited, in the order of ids: what was visited of these is not their last state. So memory is
// bounded by the runs that are open at a time, and by the ids that are returned. Throws as the source does.
[[nodiscard]] std::vector<RunId> fold_once(const EventSource& events,
                                           const std::function<void(const RunWithAttempts&)>& visit,
                                           const FoldOnceLimits& limits = {});

}  // namespace runledger
