// Reads the events of the ledger itself through the run index, where they are those of the run without an id.
#include "ledger/log/ledger_events.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "ledger/log/run_events.h"

namespace runledger {

namespace {

// By how much an event moves the numbers of scopes on.
std::uint64_t skipped_by(const Event& event) {
  if (const auto* restored = std::get_if<Restored>(&event)) return restored->skipped;
  if (const auto* recovered = std::get_if<Recovered>(&event)) return recovered->skipped;
  return 0;
}

}  // namespace

LedgerEvents LedgerEvents::stored_in(const Store& store) {
  constexpr Sequence kEnd{std::numeric_limits<std::uint64_t>::max()};
  LedgerEvents events;
  // A ledger from before run ids of zero were refused may have a run with that id.
  for (const Envelope& envelope : read_events_of(store, RunId{}, kEnd, {}, ~std::size_t{0})) {
    if (is_of_ledger(envelope.event)) events.add(envelope);
  }
  return events;
}

void LedgerEvents::add(const Envelope& envelope) {
  ++count_;
  if (const std::uint64_t skips = skipped_by(envelope.event); skips != 0)
    moves_.push_back({envelope.sequence, skipped() + skips});
  if (const auto* erased = std::get_if<Erased>(&envelope.event)) {
    std::vector<Erasure> more = *erasures_;
    more.push_back({envelope.sequence, *erased});
    erasures_ = std::make_shared<const std::vector<Erasure>>(std::move(more));
  }
}

std::uint64_t LedgerEvents::skipped_up_to(Sequence to) const {
  std::uint64_t total = 0;
  for (const Move& move : moves_) {
    if (move.at > to) break;
    total = move.total;
  }
  return total;
}

Envelope next_ledger_event(const LedgerEvents& before) {
  Envelope envelope;
  envelope.run_version = RunVersion{before.count() + 1};
  envelope.scope_sequence = ScopeSequence{envelope.run_version.value};
  envelope.previous = ScopeSequence{before.count()};
  return envelope;
}

std::optional<std::string> illegal_ledger_event(const LedgerEvents& before, const Envelope& envelope) {
  const Envelope expected = next_ledger_event(before);
  if (envelope.run != expected.run || envelope.scope != expected.scope) return "an event of the ledger with a run";
  if (envelope.run_version != expected.run_version || envelope.scope_sequence != expected.scope_sequence ||
      envelope.previous != expected.previous) {
    return fmt::format("event {} of the ledger after {}", envelope.run_version.value, before.count());
  }
  if (envelope.origin == Origin::kImported) return "a journal has no event of the ledger";
  if (skipped_by(envelope.event) > kCountMax - before.skipped()) return "it skips too many numbers";
  const auto* recovered = std::get_if<Recovered>(&envelope.event);
  if (recovered != nullptr && recovered->kept + 1 != envelope.sequence.value)
    return fmt::format("it keeps {} events as event {}", recovered->kept, envelope.sequence.value);
  const auto* erased = std::get_if<Erased>(&envelope.event);
  if (erased != nullptr && !erased->scope.tenant) return "it erases the content of no tenant";
  return {};
}

}  // namespace runledger
