// Which queued run is due first, of which types and scopes: what a claim chooses from.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "ledger/base/mutex.h"
#include "projections/rows/store.h"

namespace runledger {

// A run that may be claimed.
struct DueRun {
  RunId run;
  RunType type;
  Scope scope;
  Time due;
};

// The queues are on disk, in the row store; here is only, per queue, from when on it is worth a look. A queue is asleep
// until then; it falls asleep again, or is forgotten, when a look at it finds nothing that is due. So memory grows with
// the number of types and scopes that have queued runs, not with the number of runs, and whoever takes looks at none
// but queues that may have something.
//
// Any thread may use it. Throws Failure as RowStore does.
class DueQueues {
 public:
  // Knows of no queue yet. `rows` is not owned and must outlive it.
  explicit DueQueues(const RowStore& rows) : rows_(rows) {}

  // Learns of what is queued in the rows. Requires that note() is told, from before the call on, of what comes to be.
  void load();
  // A run is queued, and the rows say so; or one that was `taken` is left by its taker.
  void note(const RunType& type, const Scope& scope, Time due);

  struct Queue {
    RunType type;
    Scope scope;
  };
  // Wakes the queues whose time has come by `now`, and gives those: only of them, take() may find what it did not find
  // before.
  [[nodiscard]] std::vector<Queue> wake(Time now);
  // When the next one wakes; absent: not before the next note().
  [[nodiscard]] std::optional<Time> next_wake() const;

  // Which scopes count: all that `workspace` and `tenant` name, where they name any; a tenant only with its workspace.
  struct Choice {
    const std::vector<RunType>& types;
    const std::optional<Workspace>& workspace;
    const std::optional<Tenant>& tenant;
  };

  // Of each type the scopes whose queues are awake take turns, and of the runs whose turn it is, one a type, the one
  // that has been due for longest is chosen; which ends its scope's turn. Absent: none is due that is not `taken`.
  // Passes over those that are: who has taken a run and leaves it has to note() it.
  [[nodiscard]] std::optional<DueRun> take(const Choice& choice, Time now, const std::function<bool(RunId)>& taken);

 private:
  struct Turns {
    std::map<Scope, Time> worth_a_look_from;  // No queued run of the scope is due before it.
    std::set<Scope> awake;                    // Of these.
    std::optional<Scope> last_served;
  };

  [[nodiscard]] std::optional<DueRun> first_of(const RunType& type, Turns& turns, const Choice& choice, Time now,
                                               const std::function<bool(RunId)>& taken) RUNLEDGER_REQUIRES(mutex_);

  const RowStore& rows_;
  mutable Mutex mutex_;
  std::map<RunType, Turns> types_ RUNLEDGER_GUARDED_BY(mutex_);
  std::set<std::tuple<Time, RunType, Scope>> alarms_ RUNLEDGER_GUARDED_BY(mutex_);  // Of the queues that are asleep.
};

}  // namespace runledger
