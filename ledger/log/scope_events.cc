// The index is read in order, and the events one by one: those of other scopes lie between them.
#include "ledger/log/scope_events.h"

#include <fmt/format.h>

#include <limits>

#include "ledger/base/damage.h"
#include "ledger/log/entries.h"
#include "ledger/log/store/cursor.h"

namespace runledger {

void visit_events_of(const Store& store, const Scope& scope, std::uint64_t count,
                     const std::function<void(std::string_view stored)>& visit) {
  constexpr ScopeSequence kLast{std::numeric_limits<std::uint64_t>::max()};
  const ContentDigest digest = scope_digest(scope);
  Cursor cursor(store, Family::kScopeEvents, scope_event_key(digest, {}), scope_event_key(digest, kLast),
                Cursor::Reuse::kUnlikely);
  std::uint64_t visited = 0;
  for (; visited < count && cursor.valid(); cursor.next(), ++visited) {
    const Sequence sequence = sequence_in(cursor.value());
    if (!find_value(store, Family::kEvents, event_key(sequence), visit)) throw_missing_event(sequence);
  }
  if (visited < count)
    throw_damaged(fmt::format("expected {} events in the index of a scope, found {}", count, visited));
}

}  // namespace runledger
