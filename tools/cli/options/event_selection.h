// The options with which `replay` and `export` select events.
#pragma once

#include <optional>

#include "projections/reader/ledger_reader.h"
#include "tools/cli/options/arguments.h"

namespace runledger {

// The events that were asked for, checked as far as no ledger is needed for it.
struct EventSelection {
  EventFilter filter = {};
  std::optional<Workspace> workspace = {};
  std::optional<Time> since = {};
  std::optional<Time> until = {};
  std::optional<AsOf> as_of = {};
  Typed from = {};
  Typed to = {};

  // Returns where in the log the events are. Asks the ledger about twenty times for the position of each time. Throws
  // as require_range() and LedgerReader do.
  [[nodiscard]] SequenceRange find_range(LedgerReader& reader) const;
  // Whether an event that the filter admits is of the workspace.
  [[nodiscard]] bool admits(const Envelope& envelope) const;
  // Whether these are all events of a range of positions.
  [[nodiscard]] bool is_range_only() const;
};

class TypedEventSelection {
 public:
  void declare(Options& options);  // --from, --to, --since, --until, --as-of, --workspace, --tenant, --type
  // Throws Refused with the codes of the values, and "range.invalid" when since is after until.
  [[nodiscard]] EventSelection require_selection() const;

 private:
  Typed from_;
  Typed to_;
  Typed since_;
  Typed until_;
  Typed as_of_;
  Typed workspace_;
  Typed tenant_;
  Typed type_;
};

}  // namespace runledger
