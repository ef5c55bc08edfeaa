// A key that is known to be erased belongs to the tenant whose contents are sealed under it: no source names tenants.
#include "ledger/backup/known_erasures.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

// The tenants whose contents in the log are sealed under `keys`, each with those of them that are its own.
std::map<Scope, std::vector<SealKeyId>> holders_of(const EventLog& log, std::set<SealKeyId> keys) {
  std::map<Scope, std::vector<SealKeyId>> holders;
  if (keys.empty()) return holders;
  log.scan({}, log.last(), [&](const Envelope& envelope, std::string_view) {
    if (envelope.sealed.bytes.empty()) return Scan::kContinue;
    const SealKeyId key = key_of(envelope.sealed.bytes);
    if (keys.erase(key) != 0) holders[envelope.scope].push_back(key);
    return keys.empty() ? Scan::kStop : Scan::kContinue;
  });
  return holders;
}

Erased erased_again(const Scope& scope, const std::vector<SealKeyId>& keys, const KnownErasures& known) {
  Erased event;
  event.scope = scope;
  event.reason =
      sanitize(fmt::format("erased before the ledger was restored, as {} says", known.source_of(keys.front())));
  for (const SealKeyId& key : keys) event.keys.push_back(key.value);
  return event;
}

}  // namespace

void KnownErasures::add(const std::string& source, Sequence to, const ErasedKeys& named) {
  for (const SealKeyId& key : named.newest) sources_.emplace(key, source);
  std::uint64_t& end = named_[named.total - named.newest.size()];
  end = std::max(end, named.total);
  known_to_ = std::max(known_to_, to);
}

std::vector<SealKeyId> KnownErasures::keys() const {
  std::vector<SealKeyId> keys;
  for (const auto& [key, source] : sources_) keys.push_back(key);
  return keys;
}

std::string KnownErasures::source_of(SealKeyId key) const {
  const auto found = sources_.find(key);
  return found == sources_.end() ? std::string() : found->second;
}

std::uint64_t KnownErasures::unnamed(std::uint64_t held) const {
  std::uint64_t unnamed = 0;
  std::uint64_t reached = held;
  for (const auto& [from, to] : named_) {
    if (from > reached) unnamed += from - reached;
    reached = std::max(reached, to);
  }
  return unnamed;
}

std::vector<Erased> append_erasures(EventLog& log, const KnownErasures& known, const Caller& caller, Time now) {
  const std::vector<SealKeyId> named = known.keys();
  std::set<SealKeyId> missing(named.begin(), named.end());
  LedgerEvents before = LedgerEvents::stored_in(log.store());
  for (const SealKeyId& held : all_erased_keys(before, log.last())) missing.erase(held);
  std::vector<Erased> events;
  for (const auto& [scope, keys] : holders_of(log, std::move(missing))) {
    const Head head = log.head();
    Envelope envelope = next_ledger_event(before);
    envelope.sequence = head.sequence.next();
    envelope.recorded_at = std::max(head.recorded_at, now);
    envelope.caller = caller;
    events.push_back(erased_again(scope, keys, known));
    envelope.event = events.back();
    RUNLEDGER_ASSERT(!illegal_ledger_event(before, envelope));
    before.add(envelope);
    AppendBatch batch;
    batch.events.push_back(std::move(envelope));
    RUNLEDGER_ASSERT(log.append(batch, WhenBehind::kWait) == AppendOutcome::kAppended);
  }
  return events;
}

}  // namespace runledger
