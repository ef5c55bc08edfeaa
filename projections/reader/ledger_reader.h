// Reading a ledger without caring where it is: in this process, or behind a daemon.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/explain.h"
#include "projections/reader/event_pages.h"
#include "projections/rows/store.h"

namespace runledger {

// A position, or a time: then the last event that was recorded at or before it.
using AsOf = std::variant<Sequence, Time>;

// Any number of threads may ask at once. A reader that is bound to a tenant meets positions of its own scope only.
// Throws Failure as EventLog and RowStore do; of a daemon also
// "daemon.unreachable" when it is lost and does not come back within seconds, and "daemon.failed".
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;

  // As RowStore::list, of the caller's scope. Includes everything that was acknowledged before the call. Of a daemon
  // also "scope.not_found", "rows.behind", "rows.stopped", "access.unauthenticated", "overloaded".
  [[nodiscard]] virtual Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) = 0;

  // As RowStore::totals, of the caller's scope and of everything acknowledged before the call; codes as list().
  [[nodiscard]] virtual Result<LedgerTotals> totals(const RunFilter& filter) = 0;

  // The position of the last event.
  [[nodiscard]] virtual Result<Sequence> head() = 0;

  // All events of one run up to a moment, or up to now; at least one. Code "run.not_found".
  [[nodiscard]] virtual Result<std::vector<VisibleEvent>> run_events(RunId run, const std::optional<AsOf>& as_of) = 0;

  // Of a daemon, which wants the right to audit: "access.denied".
  [[nodiscard]] virtual Result<EventPage> events(const EventQuery& query) = 0;

  // What a request would be answered now; codes of it. Of a daemon, which wants the right to request: "access.denied".
  [[nodiscard]] virtual Result<Explanation> explain(const RunRequest& order) = 0;

  // The known types of operations.
  [[nodiscard]] virtual Result<Catalog> catalog() = 0;
};

// On a ledger of this process; its local rows catch up when they are asked for, reporting to what `progress` then
// makes. `ledger` is not owned and must outlive the reader.
[[nodiscard]] std::unique_ptr<LedgerReader> embedded_reader(Ledger& ledger, std::function<Progress()> progress = {});

}  // namespace runledger
