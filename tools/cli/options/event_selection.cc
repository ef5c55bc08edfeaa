// Finds positions by time with a binary search, because recorded_at never decreases, for any reader.
#include "tools/cli/options/event_selection.h"

#include <algorithm>

#include "tools/cli/exit_status.h"
#include "tools/cli/options/typed_time.h"

namespace runledger {
namespace {

// Whether the first event after a position was recorded at or after the time; true when there is none.
bool is_next_from(LedgerReader& reader, Sequence after, Time time) {
  for (EventQuery query{.after = after, .filter = {}, .count_max = 1};;) {
    const EventPage page = require_answer(reader.events(query));
    if (!page.events.empty()) return page.events.front().envelope.recorded_at >= time;
    if (page.next == query.after) return true;
    query.after = page.next;
  }
}

// Returns the position of the last event that was recorded before the time, or one after it before the next event; zero
// when there is no such event.
Sequence last_before(LedgerReader& reader, Time time, Sequence head) {
  std::uint64_t least = 0;             // Every position before it is followed by an event that is too early.
  std::uint64_t reached = head.value;  // The event after it is late enough.
  while (least < reached) {
    const std::uint64_t middle = least + (reached - least) / 2;
    if (is_next_from(reader, Sequence{middle}, time)) {
      reached = middle;
    } else {
      least = middle + 1;
    }
  }
  return Sequence{reached};
}

}  // namespace

SequenceRange EventSelection::find_range(LedgerReader& reader) const {
  const Sequence head = require_answer(reader.head());
  SequenceRange range = require_range(from, to, head);
  if (since) range.from = std::max(range.from, last_before(reader, *since, head).next());
  if (until) range.to = std::min(range.to, last_before(reader, *until, head));
  if (as_of) {
    const auto* time = std::get_if<Time>(&*as_of);
    range.to = std::min(range.to,
                        time != nullptr ? last_before(reader, *time + Duration(1), head) : std::get<Sequence>(*as_of));
  }
  return range;
}

bool EventSelection::admits(const Envelope& envelope) const {
  return !workspace || (!is_of_ledger(envelope.event) && envelope.scope.workspace == *workspace);
}

bool EventSelection::is_range_only() const {
  return !filter.run && !filter.tenant && !filter.type && !filter.kind && !workspace;
}

void TypedEventSelection::declare(Options& options) {
  options.number("--from", "SEQ", "The first event (default 1)", from_);
  options.number("--to", "SEQ", "The last event (default: the last there is)", to_);
  options.time("--since", kTimeValue, "Recorded at or after it", since_);
  options.time("--until", kTimeValue, "Recorded before it", until_);
  options.value("--as-of", kSequenceOrTimeValue, "Only those up to this event, or recorded by this time", as_of_);
  options.value("--workspace", "W", "Only of this workspace", workspace_);
  options.value("--tenant", "T", "Only of this tenant", tenant_);
  options.value("--type", "TYPE", "Only of runs of this type", type_);
}

EventSelection TypedEventSelection::require_selection() const {
  EventSelection selection{.from = from_, .to = to_};
  if (since_) selection.since = require_time(*since_);
  if (until_) selection.until = require_time(*until_);
  if (as_of_) selection.as_of = require_as_of(*as_of_);
  if (selection.since && selection.until && *selection.since > *selection.until)
    refuse("range.invalid", "expected --since at or before --until");
  if (workspace_) selection.workspace = need(parse_workspace(*workspace_));
  if (tenant_) selection.filter.tenant = need(parse_tenant(*tenant_));
  if (type_) selection.filter.type = need(parse_run_type(*type_));
  return selection;
}

}  // namespace runledger
