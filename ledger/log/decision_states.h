// The stored states that the next decision depends on.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "ledger/log/append_batch.h"
#include "ledger/log/ledger_events.h"
#include "ledger/log/store/store.h"
#include "ledger/rules/event.h"
#include "ledger/rules/lease.h"
#include "ledger/rules/run.h"

namespace runledger {

// Reads the states as the last append left them. Each load sees the appends that were durable when it began, so an
// append may fall between two loads.
//
// Any thread may use it, also while the log is being appended to. Throws Failure "storage.damaged" when the stored
// bytes are not a state of that kind, and "storage.failed" when the engine cannot read.
class DecisionStates {
 public:
  // `store` is not owned and must outlive it.
  explicit DecisionStates(const Store& store) : store_(store) {}

  [[nodiscard]] const Store& store() const { return store_; }

  // Whether the log has no event.
  [[nodiscard]] bool is_empty() const;

  // Return a default state for a run, an identity or a scope that the ledger does not know, and nothing for a command
  // or a life sign that is not stored.
  [[nodiscard]] RunState load_run(RunId run) const;
  [[nodiscard]] IdentityState load_identity(const Identity& identity) const;
  [[nodiscard]] ScopeSequence load_scope(const Scope& scope) const { return load_scope_end(scope).number; }
  // The last event of a scope whose number there is at most `at_most`: its number, and its position in the log.
  static constexpr ScopeSequence kLastOfScope{std::numeric_limits<std::uint64_t>::max()};
  struct ScopeEnd {
    ScopeSequence number;
    Sequence position;
  };
  [[nodiscard]] ScopeEnd load_scope_end(const Scope& scope, ScopeSequence at_most = kLastOfScope) const;
  [[nodiscard]] LedgerEvents load_ledger_events() const { return LedgerEvents::stored_in(store_); }
  [[nodiscard]] std::optional<CommandRecord> load_command(CommandId command) const;
  [[nodiscard]] std::optional<LifeSign> load_life_sign(RunId run) const;

  // Returns how far the run's open attempt has come, by its heartbeats; empty when none said so.
  [[nodiscard]] Counts load_progress(RunId run) const;

 private:
  const Store& store_;
};

}  // namespace runledger
