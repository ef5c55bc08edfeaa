// Reads a ledger, whether it is in this process or behind a daemon.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/explain.h"
#include "projections/answers/question.h"
#include "projections/reader/event_pages.h"
#include "projections/rows/store.h"

namespace runledger {

// Any number of threads may use it at the same time. A reader that is bound to a tenant or a workspace sees positions
// of its own scope only. Throws Failure as EventLog and RowStore do. A reader of a daemon also throws
// "daemon.unreachable" when the daemon is lost and does not come back within seconds, and "daemon.failed".
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;

  // Lists as RowStore::list() does, within the scope of the caller. Includes everything that was acknowledged before
  // the call. A daemon also answers with the codes "scope.not_found", "rows.behind", "rows.stopped",
  // "access.unauthenticated" and "overloaded".
  [[nodiscard]] virtual Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) = 0;

  // The totals as by RowStore::totals(), within the scope of the caller and including everything acknowledged before
  // the call. Codes as list().
  [[nodiscard]] virtual Result<LedgerTotals> totals(const RunFilter& filter) = 0;

  // How far the runs among these have come that are being carried out, as far as the caller may see them and a
  // heartbeat said so. At most kProgressRunsMax runs.
  static constexpr std::size_t kProgressRunsMax = 1000;
  [[nodiscard]] virtual Result<std::map<RunId, Counts>> progress(const std::vector<RunId>& runs) = 0;

  // The position of the last event.
  [[nodiscard]] virtual Result<Sequence> head() = 0;

  // All events of one run up to a moment, or up to now when `as_of` is absent; at least one. Code "run.not_found".
  [[nodiscard]] virtual Result<std::vector<VisibleEvent>> run_events(RunId run, const std::optional<AsOf>& as_of) = 0;

  // One page of events. Code "position.ahead" when `query.after` is after the last event. A daemon requires the right
  // to audit: "access.denied".
  [[nodiscard]] virtual Result<EventPage> events(const EventQuery& query) = 0;

  // The answer that a request would get now, with the codes of a request. A daemon requires the right to request:
  // "access.denied".
  [[nodiscard]] virtual Result<Explanation> explain(const RunRequest& request) = 0;

  // The answer to a question, one JSON object, including everything acknowledged before the call. Codes as answer()
  // (projections/answers/question.h) and list().
  [[nodiscard]] virtual Result<std::string> answer(const Question& question) = 0;

  // The known types of operations.
  [[nodiscard]] virtual Result<Catalog> catalog() = 0;
};

// A reader of a ledger of this process. Its local rows catch up when a call needs them, and report to the Progress that
// `progress` then makes. `ledger` is not owned and must outlive the reader.
[[nodiscard]] std::unique_ptr<LedgerReader> embedded_reader(Ledger& ledger, std::function<Progress()> progress = {});

}  // namespace runledger
