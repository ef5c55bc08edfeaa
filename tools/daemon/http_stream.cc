// One page at a time, so that a slow reader costs the memory of one.
#include "tools/daemon/http_stream.h"

#include <fmt/format.h>

#include <exception>
#include <iterator>

#include "ledger/envelope_json.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsPerPageMax = 32;

}  // namespace

StreamedEvents read_stream(const Session& session, Sequence after) {
  StreamedEvents streamed{.text = {}, .next = after, .failed = false};
  try {
    const Result<EventPage> page = session.events(after, kEventsPerPageMax);
    streamed.failed = !page;
    if (!page) return streamed;
    for (const SeenEvent& event : page->events)
      fmt::format_to(std::back_inserter(streamed.text), "id: {}\ndata: {}\n\n", event.envelope.sequence.value,
                     envelope_to_json(event.envelope, event.id));
    streamed.next = page->next;
  } catch (const std::exception&) {
    streamed.failed = true;  // The way in is an edge: the stream ends, and asking again tells why.
  }
  return streamed;
}

}  // namespace runledger
