// Walks over the events of a local or remote ledger, with only one page of them in memory, and prints events.
#pragma once

#include <functional>
#include <optional>

#include "projections/reader/ledger_reader.h"
#include "tools/cli/context.h"

namespace runledger {

// Calls `visit` for every event of `query`, in order, until query.to or the end of the log. Calls `reached`, unless it
// is empty, after every page, with the sequence up to which the walk has come. Ignores query.count_max. Throws as
// LedgerReader does, RefusedWith when the reader answers with a rejection, and what the callbacks throw.
void walk_events(LedgerReader& reader, EventQuery query, const std::function<void(const VisibleEvent&)>& visit,
                 const std::function<void(Sequence)>& reached = {});

// Prints events as one line each: in JSON an envelope, in CSV and TSV its members, else a sentence, which is shorter on
// a terminal.
class EventPrinter {
 public:
  // In CSV and TSV, prints the names of the members. Neither argument is owned.
  EventPrinter(const Context& context, Output& out);

  void print(const VisibleEvent& event);

 private:
  const Context& context_;
  Output& out_;
  std::optional<SeparatedRows> separated_;
};

}  // namespace runledger
