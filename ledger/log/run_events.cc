// Walks the index of one run, and fetches each event by its sequence.
#include "ledger/log/run_events.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "ledger/base/damage.h"
#include "ledger/log/entries.h"
#include "ledger/log/store/cursor.h"

namespace runledger {

std::vector<Envelope> read_events_of(const Store& store, RunId run, Sequence to, RunVersion after,
                                     std::size_t count_max) {
  constexpr RunVersion kLast{std::numeric_limits<std::uint32_t>::max()};
  std::vector<Envelope> events;
  if (after == kLast) return events;  // Nothing can come after it.
  Cursor cursor(store, Family::kRunEvents, run_event_key(run, after.next()), run_event_key(run, kLast),
                Cursor::Reuse::kLikely);
  for (RunVersion expected = after.next(); events.size() < count_max && cursor.valid();
       cursor.next(), expected = expected.next()) {
    const Sequence sequence = sequence_in(cursor.value());
    if (sequence > to) break;
    Envelope envelope = read_event(store, sequence);
    if (envelope.run != run || envelope.run_version != expected) {
      throw_damaged(fmt::format("expected event {} to be number {} of run {}, found number {} of run {}",
                                sequence.value, expected.value, format_uuid(run.value), envelope.run_version.value,
                                format_uuid(envelope.run.value)));
    }
    events.push_back(std::move(envelope));
  }
  return events;
}

RunState fold_events_of(const Store& store, RunId run) {
  constexpr Sequence kEnd{std::numeric_limits<std::uint64_t>::max()};
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  RunState state;
  for (const Envelope& envelope : read_events_of(store, run, kEnd, RunVersion{}, kAll)) evolve(state, envelope);
  return state;
}

}  // namespace runledger
