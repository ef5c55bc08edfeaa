// The events of a log that concern the ledger itself, and what they mean for the numbers of scopes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/log/store/store.h"
#include "ledger/rules/event.h"

namespace runledger {

// A scope's events are numbered 1, 2, 3…, except that each `restored` and each `recovered` event moves the numbers of
// all scopes on, so that those that were given out to the lost events are never given out again. The number that comes
// next therefore follows from the scope's last event and from these events after it.
//
// A value with a few entries. Events of the ledger itself are numbered without gaps in a scope of their own.
class LedgerEvents {
 public:
  LedgerEvents() = default;
  // Reads them all. Throws as EventLog does.
  [[nodiscard]] static LedgerEvents stored_in(const Store& store);

  // The content of a tenant was erased: that of its events before this position.
  struct Erasure {
    Sequence at;
    Erased what;
  };
  [[nodiscard]] const std::vector<Erasure>& erasures() const { return *erasures_; }

  // Takes the next event of the ledger itself, in the order of the log.
  void add(const Envelope& envelope);

  // By how much the numbers of scopes have been moved on in all, up to and including the event at `to`.
  [[nodiscard]] std::uint64_t skipped_up_to(Sequence to) const;
  // The same up to the end of the log.
  [[nodiscard]] std::uint64_t skipped() const { return moves_.empty() ? 0 : moves_.back().total; }

  // The number of events of the ledger itself.
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  struct Move {
    Sequence at;
    std::uint64_t total = 0;
  };
  std::vector<Move> moves_;
  // Shared, because each append copies this value.
  std::shared_ptr<const std::vector<Erasure>> erasures_ = std::make_shared<const std::vector<Erasure>>();
  std::uint32_t count_ = 0;
};

// Returns an envelope with the positions of the next event of the ledger itself: of no run and no scope. The caller
// fills in the rest.
[[nodiscard]] Envelope next_ledger_event(const LedgerEvents& before);

// Returns why `envelope`, an event of the ledger itself, cannot come after those `before`; nullopt when it can.
[[nodiscard]] std::optional<std::string> illegal_ledger_event(const LedgerEvents& before, const Envelope& envelope);

}  // namespace runledger
