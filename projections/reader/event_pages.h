// Reads the events of a log one page of limited size at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "ledger/log/event_log.h"
#include "ledger/values/rejection.h"
#include "projections/folds/visible_event.h"

namespace runledger {

// The filter of a query. An event must match all filters that are set.
struct EventFilter {
  std::optional<RunId> run;
  std::optional<Tenant> tenant;
  std::optional<RunType> type;
  std::optional<std::string> kind;  // One of kEventKinds.
};

// A query for one page. Positions are those that the reader sees: positions of the log, or of its own tenant or
// workspace.
struct EventQuery {
  Sequence after;
  Sequence to{std::numeric_limits<std::uint64_t>::max()};  // The last position of the query.
  EventFilter filter;
  std::size_t count_max = 0;  // 1 or more.
  // How long to wait when there is no event after `after`.
  std::chrono::milliseconds wait{0};
};

struct EventPage {
  // May be fewer than asked for, even none, where many events had to be skipped.
  std::vector<VisibleEvent> events;
  Sequence next;  // The `after` of the next query; unchanged when there was nothing.
};

// A page of the events of one run.
struct RunEventPage {
  std::vector<VisibleEvent> events;
  bool more = false;  // More events exist after the last one.
};

// A page ends with the event that brings it to this many bytes of stored events, or after this many events were
// scanned. No event is larger than 1 MiB, so a message with a page stays far below the limit of readers (8 MiB).
inline constexpr std::size_t kBytesPerEventPage = 1024 * 1024;
inline constexpr std::size_t kEventsScannedPerPage = 10'000;

// A reader may wait at the end of the log, but never after it: it would miss the events in between once they come. So
// every reader refuses a position after the last event with this rejection, code "position.ahead". `asked` and `end`
// are in the numbering of the caller.
[[nodiscard]] Rejection position_ahead(std::uint64_t asked, std::uint64_t end);

// Events of the whole log, at the positions of the log. Neither this function nor the next two wait. They throw as
// EventLog does.
[[nodiscard]] EventPage read_events(const EventLog& log, const EventQuery& query);
// Events of one workspace and all its tenants, at their numbers in the workspace.
[[nodiscard]] EventPage read_workspace_events(const EventLog& log, const Workspace& workspace, const EventQuery& query);
// Events of one scope, at the positions of that scope.
[[nodiscard]] EventPage read_scope_events(const EventLog& log, const Scope& scope, const EventQuery& query);

}  // namespace runledger
