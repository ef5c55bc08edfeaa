// Reads one page after the other. An event is printed in columns by way of its JSON, which has the names.
#include "tools/cli/event_walk.h"

#include "ledger/exchange/envelope_json.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/output/event_text.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsPerPage = 1024;

// Of the JSON of an envelope.
const std::vector<std::string_view> kMembers = {
    "sequence",    "recorded_at", "occurred_at", "kind",     "run_id",     "run_version",    "workspace_id",
    "tenant_id",   "data",        "event_id",    "imported", "command_id", "scope_sequence", "previous_scope_sequence",
    "caller_kind", "caller"};

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

EventPrinter::EventPrinter(const Context& context, Output& out) : context_(context), out_(out) {
  if (const auto separation = context.separation()) separated_.emplace(*separation, kMembers, out);
}

void EventPrinter::print(const VisibleEvent& event) {
  if (separated_) return separated_->row(parse_answer(envelope_to_json(event.envelope, event.id)));
  if (context_.json()) return out_.line(envelope_to_json(event.envelope, event.id));
  out_.line(out_.terminal() ? brief_envelope_text(event.envelope) : envelope_text(event.envelope));
}

}  // namespace runledger
