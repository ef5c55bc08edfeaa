// The events of a log, a page of limited size at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "ledger/log/event_log.h"
#include "projections/folds/visible_event.h"

namespace runledger {

// Which events are given. Every filter that is set must hold.
struct EventFilter {
  std::optional<RunId> run;
  std::optional<Tenant> tenant;
  std::optional<RunType> type;
  std::optional<std::string> kind;  // One of kEventKinds.
};

// Positions are of the reader's own counting.
struct EventQuery {
  Sequence after;
  Sequence to{std::numeric_limits<std::uint64_t>::max()};  // The last one that counts.
  EventFilter filter;
  std::size_t count_max = 0;          // 1 or more.
  std::chrono::milliseconds wait{0};  // For how long to wait where there is nothing after `after`.
};

struct EventPage {
  std::vector<VisibleEvent> events;  // May be fewer than asked for, even none, where much had to be passed over.
  Sequence next;                     // Where to go on; `after` where there was nothing.
};

// Of one run.
struct RunEventPage {
  std::vector<VisibleEvent> events;
  bool more = false;  // There are others behind the last of these.
};

// A page ends with the event that brings it to so many bytes of stored events, and after so many events have been
// looked at. No event is greater than 1 MiB, so that a message with a page stays far below what a reader takes (8 MiB).
inline constexpr std::size_t kBytesPerEventPage = 1024 * 1024;
inline constexpr std::size_t kEventsScannedPerPage = 10'000;

// Neither waits. Both throw as EventLog does.
// Events of scopes that `covers` lets through, counted as the log counts them.
[[nodiscard]] EventPage read_events(const EventLog& log, const EventQuery& query,
                                    const std::function<bool(const Scope&)>& covers);
// Events of one scope, counted as that scope counts them.
[[nodiscard]] EventPage read_scope_events(const EventLog& log, const Scope& scope, const EventQuery& query);

}  // namespace runledger
