// Reads one page after the other.
#include "tools/cli/event_walk.h"

#include "tools/cli/exit_status.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsPerPage = 1024;

}  // namespace

void walk_events(LedgerReader& reader, EventQuery query, const std::function<void(const VisibleEvent&)>& visit,
                 const std::function<void(Sequence)>& reached) {
  query.count_max = kEventsPerPage;
  while (query.after < query.to) {
    const EventPage page = require_answer(reader.events(query));
    if (page.next == query.after) return;  // The end of the log. A page that shows no event may still move on.
    for (const VisibleEvent& event : page.events) visit(event);
    query.after = page.next;
    if (reached) reached(query.after);
  }
}

}  // namespace runledger
