// Which queued run is due first, of which types and scopes: what a claim chooses from.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "projections/row_store.h"

namespace runledger {

// A run that may be claimed.
struct DueRun {
  RunId run;
  RunType type;
  Scope scope;
  Time due;
};

// The queues are on disk, in the row store; here is only, per queue, from when on it is worth a look. So memory grows
// with the number of types and scopes that have queued runs, not with the number of runs.
//
// Any thread may use it. Throws Failure as RowStore does.
class DueQueues {
 public:
  // Knows of no queue yet. `rows` is not owned and must outlive it.
  explicit DueQueues(const RowStore& rows) : rows_(rows) {}

  // Learns of what is queued in the rows. Requires that note() is told, from before the call on, of what comes to be.
  void load();
  // A run is queued, and the rows say so.
  void note(const RunType& type, const Scope& scope, Time due);

  // Which scopes count: all that `workspace` and `tenant` name, where they name any.
  struct Choice {
    const std::vector<RunType>& types;
    const std::optional<Workspace>& workspace;
    const std::optional<Tenant>& tenant;
  };

  // Of each type the scopes take turns, and of the runs whose turn it is, one a type, the one that has been due for
  // longest is chosen; which ends its scope's turn. Absent: none is due that is not `taken`.
  [[nodiscard]] std::optional<DueRun> take(const Choice& choice, Time now, const std::function<bool(RunId)>& taken);

  // The earliest time at which take() may find something that it does not find at `now`; absent: not before the next
  // note().
  [[nodiscard]] std::optional<Time> next_due(const Choice& choice, Time now) const;

 private:
  struct Turns {
    std::map<Scope, Time> worth_a_look_from;  // No queued run of the scope is due before it.
    std::optional<Scope> last_served;
  };

  [[nodiscard]] std::optional<DueRun> first_of(const RunType& type, Turns& turns, const Choice& choice, Time now,
                                               const std::function<bool(RunId)>& taken);

  const RowStore& rows_;
  mutable std::mutex mutex_;
  std::map<RunType, Turns> types_;
};

}  // namespace runledger
