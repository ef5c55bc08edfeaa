// Finds the queued run that a claim gets: the one that has been due for longest in the scope whose turn it is.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "ledger/base/mutex.h"
#include "projections/rows/claim_turns.h"
#include "projections/rows/store.h"

namespace runledger {

// A run that may be claimed.
struct DueRun {
  RunId run;
  RunType type;
  Scope scope;
  Time due;
};

// The queues of runs are on disk, in the row store. Memory holds only a time per queue from which a look at it is
// worthwhile. A queue is asleep until that time. It falls asleep again, or is forgotten, when a look finds no due run
// in it. So memory grows with the number of types and scopes that have queued runs, not with the number of runs, and
// take() looks only at queues that may have a due run.
//
// Any thread may use it. Throws Failure as RowStore does.
class DueQueues {
 public:
  // Starts without any queue. `rows` is not owned and must outlive this object.
  explicit DueQueues(const RowStore& rows) : rows_(rows) {}

  // Adds the queues that the rows hold. Requires that note() is called for every run that becomes queued from before
  // this call on.
  void load();
  // Adds a run: either it became queued and the rows hold it, or it was `taken` and its taker gave it up.
  void note(const RunType& type, const Scope& scope, Time due);

  struct Queue {
    RunType type;
    Scope scope;
  };
  // Wakes the queues whose time has come by `now`, and returns them. Only these can give take() a run that it did not
  // find before.
  [[nodiscard]] std::vector<Queue> wake(Time now);
  // The time at which the next queue wakes; absent when no queue wakes before the next note().
  [[nodiscard]] std::optional<Time> next_wake() const;

  using Choice = ClaimTurns::Choice;

  // The scopes that the choice covers take turns (ClaimTurns), whatever the type of their runs. In the scope whose turn
  // it is, take() chooses the run that has been due for longest, which ends the turn. Absent when no run is due that is
  // not `taken`. Runs that are taken are skipped, and are not found again until their taker gives them up with note().
  [[nodiscard]] std::optional<DueRun> take(const Choice& choice, Time now, const std::function<bool(RunId)>& taken);

 private:
  [[nodiscard]] std::optional<DueRun> first_of(const RunType& type, const Scope& scope, Time now,
                                               const std::function<bool(RunId)>& taken) RUNLEDGER_REQUIRES(mutex_);

  const RowStore& rows_;
  mutable Mutex mutex_;
  // No untaken run of the queue is due before its time.
  std::map<RunType, std::map<Scope, Time>> due_from_ RUNLEDGER_GUARDED_BY(mutex_);
  ClaimTurns turns_ RUNLEDGER_GUARDED_BY(mutex_);
  // One for each queue that is asleep.
  std::set<std::tuple<Time, RunType, Scope>> alarms_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace runledger
