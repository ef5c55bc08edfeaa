// The stored states that the next decision is made on.
#pragma once

#include <optional>

#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"
#include "ledger/rules/event.h"
#include "ledger/rules/lease.h"
#include "ledger/rules/run.h"

namespace runledger {

// Reads the states as the last append left them: each load sees the appends that were durable when it began, so two
// loads may lie on either side of one. A state that does not exist is a default one.
//
// Any thread may use it, also while the log is appended to. Throws "storage.damaged" when what is stored holds no such
// state, "storage.failed" when the engine cannot read.
class DecisionStates {
 public:
  // `store` is not owned and must outlive it.
  explicit DecisionStates(const Store& store) : store_(store) {}

  [[nodiscard]] RunState load_run(RunId run) const;
  [[nodiscard]] IdentityState load_identity(const Identity& identity) const;
  [[nodiscard]] ScopeSequence load_scope(const Scope& scope) const;
  [[nodiscard]] std::optional<CommandRecord> load_command(CommandId command) const;
  [[nodiscard]] std::optional<LifeSign> load_life_sign(RunId run) const;

  // The event that a state names by its position. Throws "storage.damaged" when it is missing.
  [[nodiscard]] Envelope load_event(Sequence sequence) const;

 private:
  const Store& store_;
};

}  // namespace runledger
