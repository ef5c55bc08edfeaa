// Who asks a question, and from what it is answered.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ledger/ledger.h"
#include "projections/rows/store.h"

namespace runledger {

// What only a daemon knows of those who could carry out runs of a type and scope.
struct WorkForce {
  std::size_t claims_waiting = 0;  // Callers that wait for a run of this type and scope now.
  std::size_t tokens = 0;          // Access tokens that are in force, may work, and cover the scope.
  bool is_all = true;              // False if only those of the asker's own scope are counted.
};

// Who asks. The functions of one that is bound to a scope limit and translate what it sees; those of a default one do
// neither.
struct Asker {
  // Limits a filter to the scope of the asker, or returns why it may not read what the filter selects.
  std::function<std::optional<Rejection>(RunFilter&)> narrow = [](RunFilter&) { return std::optional<Rejection>(); };
  // Whether the asker may see the run, if it exists. A run that it may not see is answered as none.
  std::function<bool(const Scope&)> covers = [](const Scope&) { return true; };
  // Translates the position of an event in its scope to its own numbering.
  std::function<Sequence(Sequence)> position = [](Sequence in_log) { return in_log; };
  // The position of the last event that the asker can see at a position of the whole log, in its own numbering.
  std::function<Sequence(Sequence)> count_at = [](Sequence in_log) { return in_log; };
  // The events of its scope after `after`, up to and including `to`, both in its own numbering. An asker without this
  // function reads the whole log.
  std::function<std::vector<Envelope>(Sequence after, Sequence to)> events = {};
  // The last event at or before a position, in its own numbering, which has gaps after a restoration.
  std::function<Sequence(Sequence)> last_at = [](Sequence at) { return at; };
  // A caller as the asker may see it.
  std::function<Caller(const Caller&)> shown = [](const Caller& caller) { return caller; };
  // Absent without a daemon.
  std::function<std::optional<WorkForce>(const RunType&, const Scope&)> work_force = [](const RunType&, const Scope&) {
    return std::optional<WorkForce>();
  };
};

// The ledger and its rows. Neither is owned.
struct Answerer {
  Ledger& ledger;
  const RowStore& rows;
  const Asker& asker;
};

}  // namespace runledger
