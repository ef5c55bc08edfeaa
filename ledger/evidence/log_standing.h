// How far a log has come, and how much of it is signed.
#pragma once

#include <cstdint>
#include <optional>

#include "ledger/log/event_log.h"
#include "ledger/log/tree_proof.h"

namespace runledger {

struct LogStanding {
  TreeHead tree;
  std::optional<std::uint64_t> signed_size;  // Of the newest checkpoint; absent when none was signed.
  friend bool operator==(const LogStanding&, const LogStanding&) = default;
};

// Throws Failure as last_checkpoint() does (ledger/evidence/audit_key.h).
[[nodiscard]] LogStanding standing_of(const EventLog& log);

}  // namespace runledger
