// A projection: a pure fold of events into rows, one row per key.
#pragma once

#include <concepts>
#include <optional>
#include <string_view>

#include "ledger/rules/event.h"

namespace runledger {

// Replaying the log from zero must give the same rows as following it live. Therefore key() and evolve() use nothing
// but their arguments: no clock, no I/O, no randomness.
template <class P>
concept Projection = requires(typename P::Row& row, const Envelope& envelope) {
  { P::kName } -> std::convertible_to<std::string_view>;
  { P::kRevision } -> std::convertible_to<int>;  // Raise it to force a rebuild of all rows.
  { P::key(envelope) } -> std::same_as<std::optional<typename P::Key>>;
  { P::evolve(row, envelope) } -> std::same_as<void>;
};

}  // namespace runledger
